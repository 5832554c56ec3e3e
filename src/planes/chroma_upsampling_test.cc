#include "planes/chroma_upsampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace residua::codec {
namespace {

using Plane = std::vector<int>;  // one channel

// Channel 0 of the result; channel 1 holds 255 − chroma and must not disturb it.
Plane upsampled(const ChromaGrid& grid, const Plane& chroma, int width, int height) {
    const int columns = grid.width(width), rows = grid.height(height);
    std::vector<uint8_t> samples;
    for (const int value : chroma) {
        samples.push_back(static_cast<uint8_t>(value));
        samples.push_back(static_cast<uint8_t>(255 - value));
    }
    EXPECT_EQ(samples.size(), static_cast<size_t>(2 * columns * rows));
    std::vector<uint8_t> row(static_cast<size_t>(2 * width));
    Plane out;
    for (int y = 0; y < height; ++y) {
        upsample_row(grid, {samples.data(), columns, rows, 2, 2 * columns}, width, height, y, row.data());
        for (int x = 0; x < width; ++x) out.push_back(row[static_cast<size_t>(2 * x)]);
    }
    return out;
}

// The same, from the definitions pixel by pixel, of the filter's whole output.
int expected(Upsampling upsampling, const Plane& chroma, int columns, int rows, int x, int y) {
    const auto at = [&](int i, int j) {
        return chroma[static_cast<size_t>(std::clamp(j, 0, rows - 1) * columns +
                                          std::clamp(i, 0, columns - 1))];
    };
    const int i = x / 2, j = y / 2, left = x % 2 == 0, top = y % 2 == 0;
    const int beside = left ? i - 1 : i + 1, beyond = top ? j - 1 : j + 1;
    switch (upsampling) {
        case Upsampling::kNone:
            return at(x, y);
        case Upsampling::kTriangle22: {
            const int here = 3 * at(i, j) + at(i, beyond), there = 3 * at(beside, j) + at(beside, beyond);
            return (3 * here + there + (left ? 8 : 7)) / 16;
        }
        case Upsampling::kTriangle21:
            return (3 * at(i, y) + at(beside, y) + (left ? 1 : 2)) / 4;
        case Upsampling::kTriangle12:
            return (3 * at(x, j) + at(x, beyond) + (top ? 1 : 2)) / 4;
        case Upsampling::kPhotoCd:
            if (left && top) return at(i, j);
            if (top) return (at(i, j) + at(i + 1, j) + 1) / 2;
            if (left) return (at(i, j) + at(i, j + 1) + 1) / 2;
            return (at(i, j) + at(i + 1, j) + at(i, j + 1) + at(i + 1, j + 1) + 2) / 4;
    }
    return -1;
}

TEST(ChromaUpsampling, ComputedByHand) {
    // Sums of rows, 3 : 1, are 40, 80, 200 and then 40, 160, 280 (upper copies itself, the lower one too).
    const ChromaGrid fancy = {Upsampling::kTriangle22};
    EXPECT_EQ(upsampled(fancy, {10, 20, 50}, 6, 1), (Plane{10, 12, 18, 27, 43, 50}));
    EXPECT_EQ(upsampled(fancy, {0, 100, 100, 0}, 4, 4),
              (Plane{0, 25, 75, 100, 25, 37, 63, 75, 75, 62, 38, 25, 100, 75, 25, 0}));
    EXPECT_EQ(upsampled({Upsampling::kTriangle21}, {10, 20, 50}, 6, 1), (Plane{10, 13, 17, 28, 42, 50}));
    EXPECT_EQ(upsampled({Upsampling::kTriangle12}, {10, 20, 50}, 1, 6), (Plane{10, 13, 17, 28, 42, 50}));
    EXPECT_EQ(upsampled({Upsampling::kPhotoCd}, {10, 21, 51, 50}, 4, 4),
              (Plane{10, 16, 21, 21, 31, 33, 36, 36, 51, 51, 50, 50, 51, 51, 50, 50}));
    // A picture that begins in the second column and row.
    EXPECT_EQ(upsampled({Upsampling::kPhotoCd, 1, 1}, {10, 21, 51, 50}, 2, 2), (Plane{33, 36, 51, 50}));
    EXPECT_EQ(upsampled({Upsampling::kTriangle21, 1, 0}, {10, 20, 50}, 4, 1), (Plane{13, 17, 28, 42}));
}

TEST(ChromaUpsampling, EqualsItsDefinition) {
    std::mt19937 random(1);
    for (int u = 0; u < kUpsamplings; ++u) {
        for (int i = 0; i < 4; ++i) {
            const ChromaGrid grid = {static_cast<Upsampling>(u), i % 2, i / 2};
            if (!grid.is_valid()) continue;
            for (const int width : {1, 2, 3, 4, 5, 18, 31}) {
                for (const int height : {1, 2, 3, 4, 9}) {
                    const int columns = grid.width(width), rows = grid.height(height);
                    Plane chroma(static_cast<size_t>(columns * rows));
                    for (int& value : chroma)
                        value = random() % 4 ? static_cast<int>(random() % 256) : random() % 2 ? 255 : 0;
                    const Plane out = upsampled(grid, chroma, width, height);
                    for (int y = 0; y < height; ++y)
                        for (int x = 0; x < width; ++x)
                            ASSERT_EQ(out[static_cast<size_t>(y * width + x)],
                                      expected(grid.upsampling, chroma, columns, rows, x + grid.offset_x,
                                               y + grid.offset_y))
                                << u << ' ' << i << ' ' << width << 'x' << height << ' ' << x << ' ' << y;
                }
            }
        }
    }
}

TEST(ChromaUpsampling, OffsetsOnlyAlongHalvedAxes) {
    EXPECT_TRUE((ChromaGrid{Upsampling::kTriangle22, 1, 1}.is_valid()));
    EXPECT_FALSE((ChromaGrid{Upsampling::kTriangle21, 0, 1}.is_valid()));
    EXPECT_FALSE((ChromaGrid{Upsampling::kTriangle12, 1, 0}.is_valid()));
    EXPECT_FALSE((ChromaGrid{Upsampling::kNone, 1, 0}.is_valid()));
    EXPECT_FALSE((ChromaGrid{Upsampling::kPhotoCd, 2, 0}.is_valid()));
    EXPECT_FALSE((ChromaGrid{Upsampling::kPhotoCd, 0, -1}.is_valid()));
    EXPECT_FALSE((ChromaGrid{static_cast<Upsampling>(kUpsamplings), 0, 0}.is_valid()));
}

}  // namespace
}  // namespace residua::codec
