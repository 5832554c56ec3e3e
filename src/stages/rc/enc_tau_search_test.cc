#include "stages/rc/enc_tau_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace residua::codec {
namespace {

// Costs that fall towards `lowest` from all sides, as a code length does: the steeper, the farther away; and
// components that lean on one another.
struct Bowl {
    int components;
    std::vector<int> lowest;
    mutable int calls = 0;

    TauCosts operator()(std::span<const int8_t> tau) const {
        ++calls;
        TauCosts costs{};
        for (size_t i = 0; i < tau.size(); ++i) {
            const size_t c = i / static_cast<size_t>(components);
            const int k = static_cast<int>(i % static_cast<size_t>(components));
            const int64_t away = tau[i] - lowest[i];
            costs[c] += 1000 + 40 * away * away + 3 * std::abs(away * away * away);
            if (k > 0) costs[c] += 10 * away * (tau[i - 1] - lowest[i - 1]);
        }
        return costs;
    }
};

int64_t sum(const TauCosts& costs) { return std::accumulate(costs.begin(), costs.end(), int64_t{0}); }

TEST(TauSearch, FindsTheLowestPoint) {
    const Bowl near = {5, {-9, -10, -7, -5, -12, 3, 4, 6, 2, 0, 8, 9, 7, 6, 12}};
    const FoundTau found = search_tau(3, 5, std::cref(near));
    ASSERT_EQ(found.tau.size(), 15u);
    for (size_t i = 0; i < 15; ++i) EXPECT_LE(std::abs(found.tau[i] - near.lowest[i]), 1) << i;
    const std::vector<int8_t> none(15);
    EXPECT_EQ(found.saved, sum(near(none)) - sum(near(found.tau)));
    EXPECT_LE(near.calls, 50) << "each is a pass over the whole sample";
}

TEST(TauSearch, ReachesSigmasThatAreFarOff) {
    const Bowl far = {3, {100, 104, 97, -100, -90, -110, 0, 0, 0}};
    const FoundTau found = search_tau(3, 3, std::cref(far));
    for (size_t i = 0; i < 9; ++i) EXPECT_LE(std::abs(found.tau[i] - far.lowest[i]), 4) << i;
}

TEST(TauSearch, StaysWithinABytesRange) {
    const Bowl beyond = {2, {900, 900, -900, -900}};
    const FoundTau found = search_tau(2, 2, std::cref(beyond));
    EXPECT_EQ(found.tau, (std::vector<int8_t>{127, 127, -128, -128}));
}

TEST(TauSearch, LeavesWhatIsRightAlone) {
    const Bowl right = {5, std::vector<int>(5)};
    const FoundTau found = search_tau(1, 5, std::cref(right));
    EXPECT_EQ(found.tau, std::vector<int8_t>(5));
    EXPECT_EQ(found.saved, 0);
    const FoundTau flat = search_tau(3, 1, [](std::span<const int8_t>) { return TauCosts{5, 5, 5}; });
    EXPECT_EQ(flat.tau, std::vector<int8_t>(3));
    EXPECT_EQ(flat.saved, 0);
}

// Hills and pits: whatever the costs, the answer is not worse than no tau, for no channel.
TEST(TauSearch, NeverMakesAChannelWorse) {
    const auto rough = [](std::span<const int8_t> tau) {
        TauCosts costs{};
        for (size_t i = 0; i < tau.size(); ++i)
            costs[i / 5] += static_cast<int64_t>(100 * std::sin(0.9 * tau[i] + static_cast<double>(i)));
        return costs;
    };
    const FoundTau found = search_tau(3, 5, rough);
    const TauCosts without = rough(std::vector<int8_t>(15)), with = rough(found.tau);
    for (size_t c = 0; c < 3; ++c) EXPECT_LE(with[c], without[c]) << c;
    EXPECT_GT(found.saved, 0);
    EXPECT_EQ(found.saved, sum(without) - sum(with));
}

}  // namespace
}  // namespace residua::codec
