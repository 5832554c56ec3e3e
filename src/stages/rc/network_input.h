// The lossy layer as RC's network sees it; docs/format-rc.md defines it to the bit.
#pragma once

#include <cstdint>
#include <vector>

#include "image/picture.h"
#include "stages/rc/model.h"

namespace residua::codec {

// Rows of models::input_channels(conditioning) bytes per pixel, the picture padded to multiples of `align` by
// reflection. Channels 0–2: x_l = (F + 32) >> 6, where F is the fine lossy layer; grey is repeated in all
// three. For Conditioning::kFine, 3–5: 128 + clip((256·F − Σ_{i,j} b_i b_j F(x + i, y + j) + 2^10) >> 11) to
// −128 … 127 with b = 1, 4, 6, 4, 1 over i, j = −2 … 2, the edge samples repeated outside: eight times the
// distance of the lossy layer from its own local mean, what tells how noisy a place is.
class NetworkInput {
  public:
    NetworkInput(const FineView& lossy, models::Conditioning conditioning, int align);

    int width() const { return width_; }
    int height() const { return height_; }

    // Fills row y of the padded picture; rows may come in any order, from one thread at a time.
    void row(int y, uint8_t* out);

  private:
    void fill_pixels(int y, uint8_t* out) const;
    void fill_detail(int y, uint8_t* out);

    const FineView lossy_;
    const int channels_;  // bytes per pixel
    const int width_, height_;
    std::vector<int32_t> sums_;  // of a row's columns, two samples repeated at both ends
};

}  // namespace residua::codec
