#include "origin/blocks/enc_settled_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <utility>

namespace residua::codec {
namespace {

// libjpeg's for chroma at quality 75: as `cjpeg` writes it.
constexpr QuantTable kChroma75 = {9,  9,  12, 24, 50, 50, 50, 50, 9,  11, 13, 33, 50, 50, 50, 50,
                                  12, 13, 28, 50, 50, 50, 50, 50, 24, 33, 50, 50, 50, 50, 50, 50,
                                  50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50,
                                  50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50};

// Of 10000 blocks; high frequencies have few.
std::array<uint64_t, kBlockSize> known_of_photographs() {
    std::array<uint64_t, kBlockSize> known{};
    for (size_t i = 0; i < kBlockSize; ++i) known[i] = 8000 >> (2 * (i % 8 + i / 8));
    return known;
}

TEST(SettledTable, AnEstimateOfLibjpegsTableBecomesAllOfIt) {
    QuantTable estimate = kChroma75;
    estimate[6] = 2;
    estimate[48] = 1;
    estimate[63] = 3;
    EXPECT_EQ(settled_table(estimate, known_of_photographs(), 10000), kChroma75);
}

// libjpeg writes larger steps than 255 unless it is told to keep to baseline JPEG.
TEST(SettledTable, StepsMayBeLargerThanAByte) {
    QuantTable table;  // for chroma, of quality 5
    for (size_t i = 0; i < kBlockSize; ++i) table[i] = static_cast<uint16_t>(990);
    constexpr std::array<std::pair<size_t, int>, 10> kSmaller = {{{0, 170},
                                                                  {1, 180},
                                                                  {2, 240},
                                                                  {3, 470},
                                                                  {8, 180},
                                                                  {9, 210},
                                                                  {10, 260},
                                                                  {11, 660},
                                                                  {16, 240},
                                                                  {17, 260}}};
    for (const auto& [i, step] : kSmaller) table[i] = static_cast<uint16_t>(step);
    table[18] = 560;
    table[24] = 470;
    table[25] = 660;
    QuantTable estimate = table;
    estimate[6] = 2;
    estimate[63] = 255;
    EXPECT_EQ(settled_table(estimate, known_of_photographs(), 10000), table);
}

TEST(SettledTable, ChromasTableFollowsFromLumas) {
    const QuantTable luma75 = {8,  6,  5,  8,  12, 20, 26, 31, 6,  6,  7,  10, 13, 29, 30, 28,
                               7,  7,  8,  12, 20, 29, 35, 28, 7,  9,  11, 15, 26, 44, 40, 31,
                               9,  11, 19, 28, 34, 55, 52, 39, 12, 18, 28, 32, 41, 52, 57, 46,
                               25, 32, 39, 44, 52, 61, 60, 51, 36, 46, 48, 49, 56, 50, 52, 50};
    const auto tables = chroma_tables(luma75);
    EXPECT_NE(std::ranges::find(tables, kChroma75), tables.end());
    QuantTable camera;
    for (size_t i = 0; i < kBlockSize; ++i) camera[i] = static_cast<uint16_t>(5 + 3 * (i % 8) + 4 * (i / 8));
    EXPECT_TRUE(chroma_tables(camera).empty());
}

TEST(SettledTable, OtherTablesStayWhereTheyAreKnown) {
    QuantTable camera;
    for (size_t i = 0; i < kBlockSize; ++i) camera[i] = static_cast<uint16_t>(5 + 3 * (i % 8) + 4 * (i / 8));
    EXPECT_EQ(settled_table(camera, known_of_photographs(), 10000), camera);
    QuantTable estimate = camera;
    estimate[63] = 2;  // that few samples asked for, and these are wrong
    const QuantTable settled = settled_table(estimate, known_of_photographs(), 10000);
    EXPECT_EQ(settled[63], std::max(camera[62], camera[55]));
    for (size_t i = 0; i < 63; ++i) EXPECT_EQ(settled[i], camera[i]) << i;
    estimate = camera;
    estimate[1] = 2;  // that many ask for
    EXPECT_EQ(settled_table(estimate, known_of_photographs(), 10000)[1], 2);
}

TEST(SettledTable, AnotherPlanesTableIsTakenWhereItDivides) {
    QuantTable luma;
    for (size_t i = 0; i < kBlockSize; ++i) luma[i] = static_cast<uint16_t>(2 + i % 8 + i / 8);
    QuantTable estimate = luma;
    estimate[9] = static_cast<uint16_t>(2 * luma[9]);
    estimate[40] = 33;  // nobody knows
    const auto settled = [&] { return settled_table(estimate, known_of_photographs(), 10000, &luma); };
    EXPECT_EQ(settled(), luma);
    estimate[9] = static_cast<uint16_t>(2 * luma[9] + 1);
    EXPECT_EQ(settled()[9], estimate[9]);
    estimate = luma;
    for (uint16_t& step : estimate) step = static_cast<uint16_t>(2 * step);
    EXPECT_EQ(settled()[0], estimate[0]) << "divides, but is not what the coefficients say";
}

TEST(SettledTable, FewCoefficientsDoNotMakeATable) {
    std::array<uint64_t, kBlockSize> known{};
    known[0] = 9000;
    QuantTable estimate;
    estimate.fill(9);
    EXPECT_EQ(settled_table(estimate, known, 10000), estimate);
    EXPECT_EQ(settled_table(estimate, {}, 0), estimate);
}

}  // namespace
}  // namespace residua::codec
