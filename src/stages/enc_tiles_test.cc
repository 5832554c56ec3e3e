#include "stages/enc_tiles.h"

#include <gtest/gtest.h>

namespace residua::codec {
namespace {

constexpr TilePlan kLowTiles = {.height = 512};
constexpr TilePlan kHighTiles = {.height = 1024, .two_columns_pixels = 512 * 512};

container::Header header_of(const TilePlan& plan, int width, int height, int scales = 0) {
    container::Header header;
    header.width = width;
    header.height = height;
    header.scales = scales;
    choose_tiles(header, plan);
    return header;
}

void expect_valid(const container::Header& header) {
    EXPECT_EQ(header.tile_width % container::kTileUnit, 0);
    EXPECT_EQ(header.tile_height % container::kTileUnit, 0);
    EXPECT_LE(header.tile_width, container::kTileUnit * container::kMaxTileUnits);
    EXPECT_LE(header.tile_height, container::kTileUnit * container::kMaxTileUnits);
    const int64_t tiles = int64_t{header.tile_columns()} * header.tile_rows();
    EXPECT_GE(tiles, 1);
    EXPECT_LE(tiles * header.coded_stages(), container::kMaxTiles);
    for (int s = 1; s <= header.scales; ++s) {
        const Tiling tiling = Tiling::of_scale(header, s);
        EXPECT_EQ(tiling.columns(), header.tile_columns()) << s;
        EXPECT_EQ(tiling.rows(), header.tile_rows()) << s;
        for (int column = 0; column < tiling.columns(); ++column)
            EXPECT_GE(tiling.column_width(column), 1) << s;
        for (int row = 0; row < tiling.rows(); ++row) EXPECT_GE(tiling.row_height(row), 1) << s;
    }
}

TEST(Tiles, AreValidForEverySize) {
    for (const int width : {1, 2, 15, 16, 17, 100, 255, 513, 1025, 4000, 65535}) {
        for (const int height : {1, 16, 31, 512, 3000, 65535}) {
            expect_valid(header_of(kLowTiles, width, height));
            for (int scales = 1; scales <= 4; ++scales) {
                expect_valid(header_of(kHighTiles, width, height, scales));
                if (HasFailure()) FAIL() << width << "x" << height << ", " << scales << " scales";
            }
        }
    }
}

TEST(Tiles, TwoThreadsHaveWorkWhereItPays) {
    EXPECT_EQ(header_of(kHighTiles, 512, 512, 3).tile_columns(), 2);
    EXPECT_EQ(header_of(kHighTiles, 512, 512, 3).tile_rows(), 1);
    EXPECT_EQ(header_of(kHighTiles, 768, 512, 3).tile_columns(), 2);
    EXPECT_EQ(header_of(kHighTiles, 256, 256, 3).tile_columns(), 1);
    EXPECT_EQ(header_of(kLowTiles, 512, 512).tile_columns(), 1);
}

TEST(Tiles, AreNumberedRowByRow) {
    const container::Header header = header_of(kHighTiles, 1500, 2500, 2);
    const Tiling tilings[] = {Tiling::of(header), Tiling::of_scale(header, 1), Tiling::of_scale(header, 2)};
    for (const Tiling& tiling : tilings) {
        ASSERT_EQ(tiling.columns(), 3);
        ASSERT_EQ(tiling.rows(), 3);
        EXPECT_EQ(tiling.tile(0, 2), 2);
        EXPECT_EQ(tiling.tile(2, 1), 7);
    }
}

TEST(Tiles, OfALargePictureFitIntoMemory) {
    for (const int width : {4000, 20000}) {
        const container::Header header = header_of(kHighTiles, width, 3000, 3);
        EXPECT_LE(header.width * header.tile_height * 3 * int(sizeof(entropy::Interval)), 110 << 20);
        EXPECT_GE(header.tile_columns(), 8);
    }
}

TEST(Alphabets, AreTheSmallestThatHoldAllSymbolsAndZero) {
    const uint8_t pixels[] = {100, 128, 255, 0 /* gap */, 120, 130, 200, 0};
    ThreadPool threads(2);
    const auto centred = find_alphabets({pixels, 1, 2, 3, 4}, SymbolBase(), threads);
    EXPECT_EQ(centred[0], (container::Alphabet{-28, 0}));
    EXPECT_EQ(centred[1], (container::Alphabet{0, 2}));
    EXPECT_EQ(centred[2], (container::Alphabet{0, 127}));
    uint16_t fine[] = {90 * 64, 128 * 64, 250 * 64, 140 * 64, 128 * 64, 210 * 64};
    const auto residual = find_alphabets({pixels, 1, 2, 3, 4}, SymbolBase({fine, 1, 2, 3}), threads);
    EXPECT_EQ(residual[0], (container::Alphabet{-20, 10}));
    EXPECT_EQ(residual[1], (container::Alphabet{0, 2}));
    EXPECT_EQ(residual[2], (container::Alphabet{-10, 5}));
}

}  // namespace
}  // namespace residua::codec
