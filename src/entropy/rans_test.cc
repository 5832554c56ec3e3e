#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "entropy/dec_rans.h"
#include "entropy/enc_rans.h"

namespace residua::entropy {
namespace {

// Frequencies of every size, the whole and single units included.
std::vector<Interval> random_intervals(std::mt19937& random, uint64_t count) {
    std::vector<Interval> intervals;
    for (uint64_t i = 0; i < count; ++i) {
        const int64_t wanted = (kProbabilityOne >> (random() % 21)) - static_cast<int64_t>(random() % 3);
        const uint32_t frequency = static_cast<uint32_t>(std::max<int64_t>(1, wanted));
        const uint32_t room = kProbabilityOne - frequency;
        intervals.push_back({room ? static_cast<uint32_t>(random()) % (room + 1) : 0, frequency});
    }
    return intervals;
}

ErrorCode verify_error(const std::vector<uint8_t>& stream, const std::vector<Interval>& intervals,
                       TileShape shape) {
    try {
        verify_tile(stream, intervals, shape);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(Rans, ComesBackForAllShapesAndLanes) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        const TileShape shape{1 + static_cast<int>(random() % 70), 1 + static_cast<int>(random() % 33),
                              round % 2 ? 3 : 1};
        const std::vector<Interval> intervals = random_intervals(random, shape.symbols());
        for (int lanes : {0, 1, 2, 4, 8, 16})
            EXPECT_EQ(verify_error(encode_tile(intervals, shape, lanes), intervals, shape), ErrorCode::kOk);
    }
}

// Bytes computed from docs/format-entropy.md by a program that shares no code with this one.
TEST(Rans, FollowsTheFormatDocument) {
    const std::vector<Interval> intervals = {{106998, 26325}, {1000885, 12185}, {854376, 12115}};
    EXPECT_EQ(encode_tile(intervals, {1, 1, 3}, 1), (std::vector<uint8_t>{0x20, 0xeb, 0xc1, 0xa1, 0xb0}));
    EXPECT_EQ(encode_tile(intervals, {1, 1, 3}, 2),
              (std::vector<uint8_t>{0x01, 0x47, 0x17, 0xbb, 0x41, 0x7a, 0x72, 0x43, 0x02, 0, 0, 0, 0x80}));
}

TEST(Rans, FewSymbolsCostFewBytesMore) {
    std::mt19937 random(2);
    for (int width = 1; width < 200; ++width) {
        const TileShape shape{width, 1, 3};
        const std::vector<Interval> intervals = random_intervals(random, shape.symbols());
        const double bytes = static_cast<double>(encode_tile(intervals, shape).size());
        EXPECT_LE(bytes, code_length(intervals) / 8 + 4.7);
    }
}

TEST(Rans, LongStreamsCostNearlyTheCodeLength) {
    std::mt19937 random(3);
    const TileShape shape{512, 512, 3};
    const std::vector<Interval> intervals = random_intervals(random, shape.symbols());
    EXPECT_EQ(encode_tile(intervals, shape)[0], 4);  // 16 lanes
    EXPECT_LE(static_cast<double>(encode_tile(intervals, shape).size()), code_length(intervals) / 8 * 1.0005);
}

TEST(Rans, TheProofNoticesAWrongStream) {
    std::mt19937 random(4);
    for (int lanes : {1, 4, 16}) {
        const TileShape shape{40, 10, 3};
        const std::vector<Interval> intervals = random_intervals(random, shape.symbols());
        const std::vector<uint8_t> stream = encode_tile(intervals, shape, lanes);
        for (size_t i = 0; i < stream.size(); ++i) {
            std::vector<uint8_t> changed = stream;
            changed[i] ^= static_cast<uint8_t>(1 + random() % 255);
            EXPECT_NE(verify_error(changed, intervals, shape), ErrorCode::kOk) << "byte " << i;
            changed = stream;
            changed.resize(i);
            EXPECT_NE(verify_error(changed, intervals, shape), ErrorCode::kOk) << "cut to " << i;
        }
        std::vector<uint8_t> longer = stream;
        longer.resize(stream.size() + 4);
        EXPECT_NE(verify_error(longer, intervals, shape), ErrorCode::kOk);
        std::vector<Interval> other = intervals;
        other[100] = {other[100].start ? 0u : kProbabilityOne - 1, 1};
        EXPECT_EQ(verify_error(stream, other, shape), ErrorCode::kInternal);
    }
}

TEST(Rans, AMissingWordIsNoticedWhenItIsNeeded) {
    std::mt19937 random(5);
    const TileShape shape{40, 10, 3};
    const std::vector<Interval> intervals = random_intervals(random, shape.symbols());
    std::vector<uint8_t> stream = encode_tile(intervals, shape, 4);
    stream.resize(stream.size() - 4);
    EXPECT_EQ(verify_error(stream, intervals, shape), ErrorCode::kTruncated);
}

TEST(Rans, HeadersAreChecked) {
    const auto error = [](std::vector<uint8_t> stream) {
        try {
            RansDecoder decoder(stream);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::kOk;
    };
    EXPECT_EQ(error({}), ErrorCode::kTruncated);
    EXPECT_EQ(error({0}), ErrorCode::kOk);
    EXPECT_EQ(error({5}), ErrorCode::kCorrupt);                 // 32 lanes
    EXPECT_EQ(error({9 << 3}), ErrorCode::kCorrupt);            // 9 bytes of state
    EXPECT_EQ(error({1 << 3, 0}), ErrorCode::kCorrupt);         // not the shortest form
    EXPECT_EQ(error({1 << 3 | 1, 0x44}), ErrorCode::kCorrupt);  // size of one lane, but two lanes
    EXPECT_EQ(error({1, 0x44, 0, 0, 0, 0x80, 0, 0, 0, 0x80}), ErrorCode::kOk);
    EXPECT_EQ(error({1, 0x44, 0, 0, 0, 0x80, 0, 0, 0, 0x7f}), ErrorCode::kCorrupt);  // below 2^31
    EXPECT_EQ(error({1, 0x44, 0, 0, 0, 0x80, 0, 0, 0}), ErrorCode::kTruncated);
    EXPECT_EQ(error({0, 1, 2, 3}), ErrorCode::kCorrupt);                         // three quarters of a word
    EXPECT_EQ(error({8 << 3, 1, 1, 1, 1, 1, 1, 1, 0x80}), ErrorCode::kCorrupt);  // 2^63 and more
}

}  // namespace
}  // namespace residua::entropy
