#include "entropy/uniform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/error.h"
#include "entropy/enc_rans.h"

namespace residua::entropy {
namespace {

constexpr int kLevels[] = {1, 2, 3, 7, 25, 255, 256, 511, 1000, 1024};

std::vector<int16_t> random_values(std::mt19937& random, TileShape shape, int low, int levels) {
    std::vector<int16_t> values(shape.symbols());
    for (int16_t& value : values)
        value = static_cast<int16_t>(low + static_cast<int>(random() % static_cast<unsigned>(levels)));
    return values;
}

std::vector<Interval> tile_intervals(const UniformCoder& coder, TileShape shape,
                                     const std::vector<int16_t>& values) {
    std::vector<Interval> intervals(values.size());
    const size_t row = static_cast<size_t>(shape.width * shape.channels);
    for (size_t i = 0; i < values.size(); i += row)
        coder.intervals(shape.width, values.data() + i, intervals.data() + i);
    return intervals;
}

TEST(Uniform, SharesPartitionTheWhole) {
    for (const int levels : kLevels) {
        const UniformCoder coder(-levels / 2, levels, 1);
        uint32_t end = 0;
        for (int i = 0; i < levels; ++i) {
            const auto value = static_cast<int16_t>(i - levels / 2);
            Interval interval{};
            coder.intervals(1, &value, &interval);
            ASSERT_EQ(interval.start, end);
            ASSERT_NEAR(interval.frequency, std::ldexp(1.0, kProbabilityBits) / levels, 1) << levels;
            end += interval.frequency;
        }
        EXPECT_EQ(end, kProbabilityOne);
    }
}

// Numbers of docs/format-entropy.md.
TEST(Uniform, FollowsTheFormatDocument) {
    const UniformCoder coder(-12, 25, 2);
    const int16_t values[] = {-12, 12, 0, -11};  // two pixels
    Interval intervals[4];
    coder.intervals(2, values, intervals);
    const Interval expected[] = {{0, 41943}, {503316, 41943}, {1006632, 41944}, {41943, 41943}};
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(intervals[i].start, expected[i].start) << i;
        EXPECT_EQ(intervals[i].frequency, expected[i].frequency) << i;
    }
}

TEST(Uniform, ComesBackForAllLevelsShapesAndLanes) {
    std::mt19937 random(1);
    for (int round = 0; round < 60; ++round) {
        const int levels = kLevels[static_cast<size_t>(round) % std::size(kLevels)];
        const int low = -512 + static_cast<int>(random() % static_cast<unsigned>(1025 - levels));
        const TileShape shape{1 + static_cast<int>(random() % 40), 1 + static_cast<int>(random() % 20),
                              1 + round % 8};
        const UniformCoder coder(low, levels, shape.channels);
        const auto values = random_values(random, shape, low, levels);
        const auto intervals = tile_intervals(coder, shape, values);
        for (const int lanes : {0, 1, 2, 4, 8, 16}) {
            const auto stream = encode_tile(intervals, shape, lanes);
            RansDecoder decoder(stream);
            std::vector<int16_t> decoded(values.size());
            const size_t row = static_cast<size_t>(shape.width * shape.channels);
            for (size_t i = 0; i < decoded.size(); i += row)
                coder.decode_row(decoder, shape.width, decoded.data() + i);
            ASSERT_NO_THROW(decoder.finish());
            ASSERT_EQ(decoded, values) << levels << " levels, " << lanes << " lanes";
        }
    }
}

TEST(Uniform, CostsTheLogarithmOfTheLevels) {
    std::mt19937 random(2);
    const TileShape shape{64, 64, 5};
    const auto intervals =
        tile_intervals(UniformCoder(-12, 25, 5), shape, random_values(random, shape, -12, 25));
    const double bits = std::log2(25.0) * static_cast<double>(shape.symbols());
    EXPECT_NEAR(code_length(intervals), bits, 1e-4 * bits);
}

TEST(Uniform, ImpossibleValuesAndRangesAreRefused) {
    const UniformCoder coder(-3, 7, 1);
    Interval interval;
    for (const int value : {-4, 4, INT16_MIN, INT16_MAX}) {
        const auto symbol = static_cast<int16_t>(value);
        EXPECT_THROW(coder.intervals(1, &symbol, &interval), Error) << value;
    }
    EXPECT_THROW(UniformCoder(0, 0, 1), Error);
    EXPECT_THROW(UniformCoder(-513, 7, 1), Error);
    EXPECT_THROW(UniformCoder(0, 513, 1), Error);
    EXPECT_THROW(UniformCoder(-512, 1025, 1), Error);
    EXPECT_THROW(UniformCoder(0, 7, 0), Error);
    EXPECT_THROW(UniformCoder(0, 7, 9), Error);
    EXPECT_NO_THROW(UniformCoder(-512, 1024, 8));
}

}  // namespace
}  // namespace residua::entropy
