#include "base/stage_profile.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/thread_pool.h"
#include "base/work_clock.h"

namespace residua {
namespace {

double now;
double read_now() { return now; }

double seconds(const StageCosts& costs, Stage stage) { return costs[static_cast<size_t>(stage)].seconds; }

TEST(StageProfile, TakesPartsOutOfTheWhole) {
    StageProfile profile(read_now);
    {
        StageScope other(Stage::kOther);
        now += 1;
        {
            StageScope step(Stage::kExperts);
            now += 2;
            step.turn_to(Stage::kHead);
            step.count(10, 20);
            now += 4;
            step.turn_to(Stage::kExperts);
            now += 8;
        }
        now += 16;
    }
    now += 32;  // nobody's
    const StageCosts costs = profile.costs();
    EXPECT_EQ(seconds(costs, Stage::kOther), 17);
    EXPECT_EQ(seconds(costs, Stage::kExperts), 10);
    EXPECT_EQ(seconds(costs, Stage::kHead), 4);
    EXPECT_EQ(costs[static_cast<size_t>(Stage::kHead)].bytes_read, 10U);
    EXPECT_EQ(costs[static_cast<size_t>(Stage::kHead)].bytes_written, 20U);
    EXPECT_EQ(costs[static_cast<size_t>(Stage::kExperts)].turns, 2U);
}

TEST(StageProfile, AProofIsAWhole) {
    StageProfile profile(read_now);
    {
        const StageScope all(Stage::kOther);
        const WorkScope proof(nullptr, Work::kProof);
        now += 1;
        StageScope part(Stage::kExperts);
        now += 2;
        part.turn_to(Stage::kHead);
        part.count(1, 1);
        now += 4;
    }
    const StageCosts costs = profile.costs();
    EXPECT_EQ(seconds(costs, Stage::kProof), 7);
    EXPECT_EQ(costs[static_cast<size_t>(Stage::kProof)].bytes_read, 1U);
    EXPECT_EQ(seconds(costs, Stage::kExperts) + seconds(costs, Stage::kHead), 0);
}

TEST(StageProfile, ALoopsThreadsDoWhatItsCallerDoes) {
    ThreadPool threads(3);
    StageProfile profile;
    {
        const StageScope scope(Stage::kOrigin);
        std::atomic<int> different{0};
        threads.parallel_for(100,
                             [&](int64_t, int) { different += StageScope::current() != Stage::kOrigin; });
        EXPECT_EQ(different, 0);
    }
    const StageCosts costs = profile.costs();
    for (size_t i = 0; i < kStages; ++i) {
        const auto stage = static_cast<Stage>(i);
        if (stage == Stage::kOrigin || stage == Stage::kWaiting) continue;
        EXPECT_EQ(costs[i].turns, 0U) << stage_name(stage);
    }
    EXPECT_GT(costs[static_cast<size_t>(Stage::kOrigin)].turns, 0U);
}

TEST(StageProfile, CountsNothingWhereNobodyAsks) {
    const StageScope scope(Stage::kHead);
    EXPECT_FALSE(scope.counts());
    EXPECT_EQ(StageScope::current(), Stage::kOther);
}

TEST(StageProfile, EveryStageHasAName) {
    std::set<std::string> names;
    for (size_t i = 0; i < kStages; ++i) names.insert(stage_name(static_cast<Stage>(i)));
    EXPECT_EQ(names.size(), kStages);
}

}  // namespace
}  // namespace residua
