#include "loop/optimizer.h"

#include <gtest/gtest.h>

namespace residua::train {
namespace {

TEST(Optimizer, ThePapersScheduleFallsInSteps) {
    Parameters parameters = {{"a", torch::ones({2})}};
    parameters["a"].requires_grad_(true);
    OptimizerSettings settings;
    settings.schedule = Schedule::kPaper;
    settings.learning_rate = 0.5;
    settings.decay_every = 3;
    Optimizer optimizer(parameters, settings);
    std::vector<double> rates;
    for (int i = 0; i < 7; ++i) {
        rates.push_back(optimizer.learning_rate(0.1));
        optimizer.step(0.1);
    }
    EXPECT_EQ(rates, (std::vector<double>{0.5, 0.5, 0.5, 0.375, 0.375, 0.375, 0.28125}));
}

TEST(Optimizer, RateShareSlowsParametersDown) {
    Parameters parameters = {{"d1.x", torch::ones({3})}, {"e1.x", torch::ones({3})}};
    for (auto& [name, value] : parameters) value.requires_grad_(true);
    double share = 0.25;
    OptimizerSettings settings;
    settings.rate_share = [&](const std::string& name) { return name[0] == 'e' ? share : 1.0; };
    Optimizer optimizer(parameters, settings);
    const auto step = [&] {  // how far each of the two goes
        std::map<std::string, double> before;
        for (auto& [name, value] : parameters) {
            value.mutable_grad().fill_(0.5);
            before[name] = value[0].item<double>();
        }
        optimizer.step(0);
        for (auto& [name, value] : parameters) before[name] -= value[0].item<double>();
        return before;
    };
    auto moved = step();
    EXPECT_GT(moved["d1.x"], 0);
    EXPECT_NEAR(moved["e1.x"], 0.25 * moved["d1.x"], 0.01 * moved["d1.x"]);
    share = 0;
    optimizer.update_rate_shares();
    moved = step();
    EXPECT_GT(moved["d1.x"], 0);
    EXPECT_EQ(moved["e1.x"], 0);
}

}  // namespace
}  // namespace residua::train
