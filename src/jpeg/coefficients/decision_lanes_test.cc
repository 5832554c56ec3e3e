// The short ways of kernels against what the format says. docs/format-jpeg-coefficients.md, 3 and 4.
#include <gtest/gtest.h>

#include "simd/scalar.h"

#include "jpeg/coefficients/block_lanes.h"

namespace residua::jpeg::scalar {
namespace {

TEST(JpegDecisionLanes, SlotRatesAreQuotientsRoundedDown) {
    for (int32_t n = 0; n < 1024; ++n) EXPECT_EQ(sum(slot_rates(Ints::all(n))), 131072 / (2 * n + 3)) << n;
}

TEST(JpegDecisionLanes, LevelsThatAreLookedUpAreThoseThatAreComputed) {
    for (const uint32_t most : {3u, 7u, 15u, 31u, 47u, 63u})
        for (uint32_t x = 0; x < 70000; ++x) {
            ASSERT_EQ(level(x, most), least(computed_level(x), most)) << x;
            ASSERT_EQ(fine_level(x, most), least(computed_fine_level(x), most)) << x;
        }
    EXPECT_EQ(level(~0u, 15), 15u);
    EXPECT_EQ(fine_level(~0u, 31), 31u);
    // The format's words, by examples.
    constexpr uint32_t kLevels[][2] = {{0, 0}, {1, 1}, {3, 3}, {4, 4}, {6, 5}, {8, 6}, {191, 14}, {192, 15}};
    for (const auto& [x, l] : kLevels) EXPECT_EQ(level(x, 15), l) << x;
    constexpr uint32_t kFine[][2] = {{0, 0}, {7, 7}, {8, 8}, {9, 8}, {10, 9}, {447, 30}, {448, 31}};
    for (const auto& [x, l] : kFine) EXPECT_EQ(fine_level(x, 31), l) << x;
}

TEST(JpegDecisionLanes, QuotientsByReciprocalsAreExact) {
    for (uint32_t places = 1; places < 64; ++places)
        for (uint32_t left = 0; left <= places; ++left)
            EXPECT_EQ((left * 16 * kReciprocal.of[places]) >> 16, left * 16 / places);
    for (uint32_t size = 0; size < 16384; ++size)
        for (const uint32_t step : {1u, 2u, 17u, 65535u})
            ASSERT_EQ((uint64_t{size * step} * 0x55555556) >> 32, size * step / 3);
}

}  // namespace
}  // namespace residua::jpeg::scalar
