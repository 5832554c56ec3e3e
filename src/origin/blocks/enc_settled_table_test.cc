#include "origin/blocks/enc_settled_table.h"

#include <gtest/gtest.h>

#include <algorithm>

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
