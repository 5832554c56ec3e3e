#include "support/test_picture.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace residua::testing {

TestPicture make_picture(uint32_t width, uint32_t height, uint32_t channels, uint64_t seed) {
    TestPicture picture{width, height, channels, std::vector<uint8_t>(size_t{width} * height * channels)};
    std::mt19937_64 random(seed);
    uint8_t* out = picture.pixels.data();
    for (uint32_t y = 0; y < height; ++y) {
        for (uint32_t x = 0; x < width; ++x) {
            const double light =
                120 + 70 * std::sin(x * 0.021 + 0.3 * std::cos(y * 0.05)) + 40 * std::cos(y * 0.033);
            const bool object = (x / 23 + y / 31) % 5 == 0;
            for (uint32_t c = 0; c < channels; ++c) {
                const double noise = static_cast<double>(random() % 9) - 4;
                *out++ = static_cast<uint8_t>(std::clamp(
                    light * (1 - 0.12 * c) + (object ? 35.0 : 0.0) * (c + 1) / 2 + noise, 0.0, 255.0));
            }
        }
    }
    return picture;
}

}  // namespace residua::testing
