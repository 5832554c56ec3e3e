#include "weights/calibration.h"

#include <gtest/gtest.h>

namespace residua::train {
namespace {

TEST(Calibration, ClipsOutliersAndKeepsTheRest) {
    Calibration calibration;
    auto& channels = calibration["tail.conv"].channel;
    channels.resize(2);
    for (int i = -20000; i <= 20000; ++i) {
        channels[0].push_back(static_cast<float>(i) / 20000);
        channels[1].push_back(static_cast<float>(i) / 4e5f);
    }
    channels[0].push_back(2.0f);
    const auto steps = choose_steps(calibration).at("tail.conv");
    EXPECT_NEAR(steps[0], 1.1f / 127, 0.02f / 127);
    EXPECT_NEAR(steps[1], steps[0] / 20, 0.01f * steps[0]);
    calibration["merge"] = calibration["tail.conv"];  // the input of a sum: one step
    const auto even = choose_steps(calibration).at("merge");
    EXPECT_EQ(even[0], even[1]);
}

// What is added up has one step, for the largest of the
// parts and of the sums that the bytes made of them show.
TEST(Calibration, SumsShareOneStep) {
    Calibration calibration;
    const auto seen = [&](const std::string& name, float largest) {
        calibration[name].channel = {{largest, -0.1f}, {0.2f, 0.3f}};
    };
    seen("d1.start", 2);
    seen("d1.body0.branch", 1);
    seen("d1.body0.in", 4);
    seen("d1.tail.in", 2);
    seen("d2.start", 1);
    seen("e1.start", 8);
    const StepTable steps = choose_steps(calibration);
    const auto wide = [](float largest) { return std::vector<float>(2, 2 * largest / 32767); };
    EXPECT_EQ(steps.at("d1.start"), wide(4));
    EXPECT_EQ(steps.at("d1.body0.branch"), wide(4));
    EXPECT_EQ(steps.at("d2.start"), wide(1));
    EXPECT_EQ(steps.at("e1.start"), wide(8));
}

}  // namespace
}  // namespace residua::train
