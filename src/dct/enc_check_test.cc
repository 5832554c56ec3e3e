#include "dct/enc_check.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <thread>
#include <vector>

#include "dct/enc_coefficients.h"

namespace residua::dct {
namespace {

// More decisions than the relay keeps of a coder that nobody follows.
constexpr int kColumns = 64, kRows = 32;

struct Blocks {
    std::array<uint16_t, 64> steps;
    std::vector<int16_t> coefficients, again;

    Blocks() : coefficients(size_t{64} * kColumns * kRows), again(coefficients.size(), 77) {
        std::mt19937 random(4);
        steps.fill(3);
        for (size_t i = 0; i < coefficients.size(); ++i)
            coefficients[i] = static_cast<int16_t>(random() % (i % 64 < 20 ? 61 : 3));
    }
    std::array<ConstComponent, 1> original() const {
        return {{{kColumns, kRows, steps.data(), coefficients.data()}}};
    }
    std::array<Component, 1> decoded() { return {{{kColumns, kRows, steps.data(), again.data()}}}; }
    void check(entropy::DecisionRelay& relay) {
        entropy::DecisionRelay::Follower follower(relay);
        dct::check(follower, decoded());
    }
    ErrorCode error_of_check(std::vector<entropy::Interval> intervals) {
        entropy::DecisionRelay relay;
        relay.end(intervals);
        try {
            check(relay);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::kOk;
    }
};

TEST(DctCheck, FollowsTheCoder) {
    Blocks blocks;
    std::vector<entropy::Interval> intervals;
    entropy::DecisionRelay relay;
    std::thread coder([&] {
        encode(blocks.original(), intervals, relay);
        relay.end(intervals);
    });
    blocks.check(relay);
    coder.join();
    EXPECT_EQ(blocks.again, blocks.coefficients);
    std::vector<entropy::Interval> alone;
    encode(blocks.original(), alone);
    ASSERT_EQ(alone.size(), intervals.size());
    EXPECT_GT(alone.size(), entropy::DecisionRelay::kPiece * (entropy::DecisionRelay::kMostPieces + 1));
}

TEST(DctCheck, ComesAfterACoderThatWentOnAlone) {
    Blocks blocks;
    std::vector<entropy::Interval> intervals;
    entropy::DecisionRelay relay;
    EXPECT_TRUE(relay.can_follow());
    encode(blocks.original(), intervals, relay);
    EXPECT_FALSE(relay.can_follow());
    relay.end(intervals);
    ASSERT_TRUE(relay.can_follow());
    blocks.check(relay);
    EXPECT_EQ(blocks.again, blocks.coefficients);
}

TEST(DctCheck, FindsEveryWrongInterval) {
    Blocks blocks;
    std::vector<entropy::Interval> intervals;
    encode(blocks.original(), intervals);
    EXPECT_EQ(blocks.error_of_check(intervals), ErrorCode::kOk);
    for (const size_t at : {size_t{0}, intervals.size() / 2, intervals.size() - 1}) {
        std::vector<entropy::Interval> wrong = intervals;
        ++wrong[at].frequency;
        EXPECT_EQ(blocks.error_of_check(wrong), ErrorCode::kInternal) << at;
    }
    std::vector<entropy::Interval> other = intervals;
    other.pop_back();
    EXPECT_EQ(blocks.error_of_check(other), ErrorCode::kInternal);
    other = intervals;
    other.push_back(other.back());
    EXPECT_EQ(blocks.error_of_check(other), ErrorCode::kInternal);
}

TEST(DctCheck, NeitherSideWaitsForOneThatFails) {
    Blocks blocks;
    std::vector<entropy::Interval> intervals;
    {
        entropy::DecisionRelay relay;
        std::thread coder([&] { encode(blocks.original(), intervals, relay); });
        {
            entropy::DecisionRelay::Follower follower(relay);
            follower.next();
        }
        coder.join();
    }
    entropy::DecisionRelay relay;
    relay.give(std::span(intervals).first(10));
    relay.fail();
    EXPECT_THROW(blocks.check(relay), Error);
}

}  // namespace
}  // namespace residua::dct
