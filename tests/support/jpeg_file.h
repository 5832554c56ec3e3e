// JPEG files of made-up content by libjpeg, all in memory, and what its decoder makes of them. What libjpeg
// refuses ends the program.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace residua::test {

enum class JpegSpace { kGrey, kYcc, kRgb, kCmyk, kYcck };

struct JpegSampling {
    int across = 1, down = 1;
};

// Of a scan of a progressive file; components: all, where it is of DC.
struct ProgressiveScan {
    int component = 0, first = 0, last = 0, high = 0, low = 0;
};

struct JpegRecipe {
    int width = 1, height = 1;
    JpegSpace space = JpegSpace::kYcc;
    std::vector<JpegSampling> sampling = {};  // of each component; what is missing is 1 × 1
    int quality = 75;
    int restart_rows = 0, restart_mcus = 0;
    bool progressive = false, separate_scans = false, optimised = false, arithmetic = false;
    std::vector<ProgressiveScan> scans = {};  // empty: libjpeg's own
    bool other_conditioning = false;          // of arithmetic coding, than by default

    // What says which colours these are; as libjpeg does it where nothing is said.
    std::optional<bool> jfif = {};
    std::optional<int> adobe_transform = {};  // −1: no marker
    std::vector<int> ids = {};                // of components

    // Coefficients and steps up to these sizes in place of a picture.
    int wild_coefficients = 0, wild_steps = 0;
};

std::vector<uint8_t> make_jpeg(const JpegRecipe& recipe, uint32_t seed);

struct JpegPixels {
    int width = 0, height = 0, channels = 0;
    std::vector<uint8_t> samples;  // interleaved
};
// By the decoder's defaults, grey, RGB or CMYK, at 1 / scale.
JpegPixels decode_jpeg(const std::vector<uint8_t>& bytes, int scale = 1);

}  // namespace residua::test
