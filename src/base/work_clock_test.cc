#include "base/work_clock.h"

#include <gtest/gtest.h>

namespace residua {
namespace {

std::chrono::steady_clock::time_point now;
std::chrono::steady_clock::time_point read_now() { return now; }
void pass(int seconds) { now += std::chrono::seconds(seconds); }

TEST(WorkClock, TakesPartsOutOfTheWhole) {
    WorkClock clock(read_now);
    pass(1);
    {
        const WorkScope network(&clock, Work::kNetwork);
        pass(2);
        {
            const WorkScope coder(&clock, Work::kEntropyCoder);
            pass(4);
        }
        pass(8);
    }
    pass(16);
    EXPECT_EQ(clock.seconds(Work::kNetwork), 10);
    EXPECT_EQ(clock.seconds(Work::kEntropyCoder), 4);
    EXPECT_EQ(clock.seconds(Work::kOther), 17);
    EXPECT_EQ(clock.seconds(Work::kProof), 0);
}

TEST(WorkClock, LeavesProofAndTauWhole) {
    for (const Work whole : {Work::kProof, Work::kTau}) {
        WorkClock clock(read_now);
        {
            const WorkScope outer(&clock, whole);
            const WorkScope network(&clock, Work::kNetwork);
            pass(2);
            const WorkScope coder(&clock, Work::kEntropyCoder);
            pass(4);
        }
        EXPECT_EQ(clock.seconds(whole), 6);
        EXPECT_EQ(clock.seconds(Work::kNetwork), 0);
    }
    const WorkScope nobody(nullptr, Work::kNetwork);
}

}  // namespace
}  // namespace residua
