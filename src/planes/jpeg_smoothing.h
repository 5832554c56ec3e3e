// What libjpeg-turbo's decoder makes of a progressive JPEG whose scans end before all bits of the low
// frequencies are known: it estimates them from the means of the 25 blocks around (jdcoefct.c, "block
// smoothing"). A file that is whole has nothing to estimate.
#pragma once

#include <array>
#include <vector>

#include "jpeg/dissection.h"
#include "planes/dct_plane.h"

namespace residua::codec {

class JpegSmoothing {
  public:
    static constexpr int kCoefficients = 10;  // in zigzag order, DC among them
    static constexpr int kAround = 2;         // blocks on each side

    // For each component; empty where the decoder estimates nothing.
    static std::vector<JpegSmoothing> of(const jpeg::JpegPart& part);

    // The rows of blocks whose means are seen from row `row`, from top to bottom. At the borders, and beside the
    // borders of MCUs there, some are the same.
    std::array<int, 2 * kAround + 1> rows_around(int row) const;

    // Row `row` of blocks as decoded, from column `first` to end − 1: 64 coefficients each. `rows`: where those
    // of rows_around() begin.
    void estimate(const std::array<const int16_t*, 2 * kAround + 1>& rows, int row, int first, int end,
                  int16_t* to) const;

  private:
    // By coefficient: bits that are not known yet, −1: nothing is known.
    using Bits = std::array<int, kCoefficients>;
    using Means = std::array<std::array<int, 2 * kAround + 1>, 2 * kAround + 1>;

    static int last_good_row(const jpeg::JpegPart& part);
    void estimate_block(const Means& means, const Bits& bits, int16_t* block) const;

    jpeg::Component layout_;
    int mcu_rows_ = 0;
    Bits bits_{}, bits_before_{};  // after all scans; before the component's last one
    int last_good_row_ = 0;        // of MCUs: where the data of the last scan end
};

}  // namespace residua::codec
