#include "image/padding.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "stages/symbols.h"

namespace residua::codec {
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

TEST(Symbols, AreCountedFromTheMiddleOrFromTheLossyLayer) {
    std::vector<uint16_t> fine = {0, 31, 32, 6400, 16320, 8191};  // x_l = 0, 0, 1, 100, 255, 128
    const FineView lossy = {fine.data(), 1, 2, 3};
    const uint8_t samples[] = {9, 255, 0};
    int16_t symbols[3];
    SymbolBase().to_symbols(samples, 1, 0, 3, symbols);
    EXPECT_EQ(symbols[0], -119);
    EXPECT_EQ(symbols[1], 127);
    EXPECT_EQ(symbols[2], -128);
    SymbolBase(lossy).to_symbols(samples, 1, 0, 3, symbols);
    EXPECT_EQ(symbols[0], -91);
    EXPECT_EQ(symbols[1], 0);
    EXPECT_EQ(symbols[2], -128);
    SymbolBase(lossy).to_symbols(samples + 1, 0, 1, 2, symbols);
    EXPECT_EQ(symbols[0], 255);
    EXPECT_EQ(symbols[1], -1);
}

TEST(Symbols, OutsideTheRangeOfSamplesAreClampedAndSeen) {
    std::vector<uint16_t> fine = {6400, 6400};
    const SymbolBase lossy(FineView{fine.data(), 2, 1, 1});
    uint8_t samples[2];
    const int16_t inside[] = {155, -100}, above[] = {0, 156}, below[] = {-101, 0};
    EXPECT_TRUE(lossy.to_samples(inside, 0, 0, 2, samples));
    EXPECT_EQ(samples[0], 255);
    EXPECT_EQ(samples[1], 0);
    EXPECT_FALSE(lossy.to_samples(above, 0, 0, 2, samples));
    EXPECT_EQ(samples[0], 100);
    EXPECT_EQ(samples[1], 255);
    EXPECT_FALSE(lossy.to_samples(below, 0, 0, 2, samples));
    EXPECT_EQ(samples[0], 0);
    const int16_t centred[] = {-128, 127};
    EXPECT_TRUE(SymbolBase().to_samples(centred, 0, 0, 2, samples));
    EXPECT_EQ(samples[0], 0);
    EXPECT_EQ(samples[1], 255);
}

}  // namespace
}  // namespace residua::codec
