#include "rc/rc_network.h"

#include <gtest/gtest.h>

namespace residua::train {
namespace {

using torch::Tensor;

TEST(RcNetwork, TransposedConvolutionEqualsTorch) {
    const RcConfig config = {.features = 16, .blocks = 2, .components = 3, .shared_tail = true};
    RcNetwork network(config, torch::kCPU, 1);
    torch::NoGradGuard no_grad;
    Tensor seen_in, seen_out;
    network.observer = [&](const std::string& name, const Tensor& x) {
        if (name == "up.input") seen_in = x.clone();
        if (name == "up") seen_out = x.clone();
    };
    network.forward(torch::rand({2, 12, 18, 6}) - 0.5, false);
    const auto& parameters = network.parameters();
    const Tensor expected =
        torch::conv_transpose2d(seen_in, parameters.at("up.weight"), parameters.at("up.bias"), 2, 1);
    ASSERT_EQ(seen_out.sizes(), expected.sizes());
    EXPECT_LT((seen_out - expected).abs().max().item<double>(), 1e-4);
}

}  // namespace
}  // namespace residua::train
