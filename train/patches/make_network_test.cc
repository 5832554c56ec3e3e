#include "patches/make_network.h"

#include <gtest/gtest.h>

#include "l3c/l3c_config.h"

namespace residua::train {
namespace {

TEST(Presets, HaveThePapersSizes) {
    const auto size = [](const char* codec, const char* name) {
        const auto network = make_network(preset(codec, name), torch::kCPU, 1);
        int64_t weights = 0;
        for (const auto& [parameter, value] : network->parameters()) weights += value.numel();
        return static_cast<double>(weights);
    };
    EXPECT_NEAR(size("rc", "rc-paper"), 7.4e6, 0.2e6);
    EXPECT_NEAR(size("l3c", "l3c-paper"), 5.0e6, 0.1e6);
    const L3cConfig paper = l3c_preset("l3c-paper");
    EXPECT_EQ(paper.levels, 25);
    EXPECT_FALSE(paper.anchored);
    const double rgb = size("l3c", "l3c-rgb"), shared = size("l3c", "l3c-rgb-shared");
    EXPECT_NEAR(rgb, 3 * shared, 0.01 * rgb);  // one predictor for all three scales, and no encoder
    EXPECT_THROW(preset("rc", "rc-huge"), std::invalid_argument);
    EXPECT_THROW(preset("l3c", "rc"), std::invalid_argument);
}

}  // namespace
}  // namespace residua::train
