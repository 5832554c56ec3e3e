#include "image/padding.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <vector>

namespace residua {
namespace {

int mirror(int i, int n) {
    while (n > 1 && i >= n) i = i < 0 ? -i : std::abs(2 * (n - 1) - i);
    return n == 1 ? 0 : i;
}

TEST(Padding, RowsAreReflectedAndGreyIsRepeated) {
    std::mt19937 random(1);
    for (const int width : {1, 2, 5, 16}) {
        for (const int height : {1, 3, 8}) {
            for (const int channels : {1, 3}) {
                const int stride = width * channels + 5;
                std::vector<uint8_t> pixels(static_cast<size_t>(stride * height));
                for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random());
                const PictureView picture = {pixels.data(), width, height, channels, stride};
                const int padded_width = padded(width, 16), padded_height = padded(height, 16);
                ASSERT_EQ(padded_width % 16, 0);
                ASSERT_LT(padded_width - width, 16);
                std::vector<uint8_t> row(static_cast<size_t>(padded_width * 3));
                for (int y = 0; y < padded_height; ++y) {
                    fill_padded_rgb_row(picture, padded_width, y, row.data());
                    for (int x = 0; x < padded_width; ++x)
                        for (int c = 0; c < 3; ++c)
                            ASSERT_EQ(
                                row[static_cast<size_t>(3 * x + c)],
                                picture.row(mirror(y, height))[mirror(x, width) * channels + c % channels])
                                << width << "x" << height << " at " << x << "," << y;
                }
            }
        }
    }
}

}  // namespace
}  // namespace residua
