#include "export/quantise.h"

#include <gtest/gtest.h>

#include <cmath>

namespace residua::train {
namespace {

// Four channels that are `weights` times an input that counts in quarters.
struct FourChannels {
    FourChannels() {
        weights.tensors["a.weight"] = {{4, 1, 1, 1}, {1, 0.5f, 0.001f, 2}};
        weights.tensors["a.bias"] = {{4}, {0, 0, 0, 0}};
        in.node = graph.add(nn::Input{1, nn::ElementKind::kQ8, 0});
        in.step = {0.25f};
    }
    std::vector<float> steps(size_t together) {
        const std::vector<float> fine(4, 0.001f);
        return builder.conv("a", in, 1, 0, {nn::ElementKind::kQ8, nn::Activation::kNone, fine, together})
            .step;
    }
    Checkpoint weights;
    nn::Graph graph;
    GraphBuilder builder{weights, graph};
    QuantisedTensor in;
};

// An accumulator counts in 127ths of its largest weight, and a result in no less than twice that.
TEST(GraphBuilder, WidensStepsThatAreTooFine) {
    FourChannels four;
    const auto wide = [](double weight) { return static_cast<float>(weight * 0.25 / 127 / 0.49); };
    const auto expect = [](const std::vector<float>& steps, const std::vector<float>& wanted) {
        for (size_t c = 0; c < 4; ++c) EXPECT_FLOAT_EQ(steps.at(c), wanted[c]) << c;
    };
    expect(four.steps(1), {wide(1), wide(0.5), 0.001f, wide(2)});
    expect(four.steps(2), {wide(1), wide(1), wide(2), wide(2)});
    expect(four.steps(4), {wide(2), wide(2), wide(2), wide(2)});
    EXPECT_THROW(four.steps(0), std::runtime_error);
    const StepTable table = {{"d1.start", {1, 1, 1}}, {"merge", {1, 1}}, {"d1.up", {1, 1}}};
    EXPECT_EQ(stored_destination(table, "d1.start", nn::Activation::kNone).together, 3u);
    EXPECT_EQ(stored_destination(table, "merge", nn::Activation::kNone).together, 2u);
    EXPECT_EQ(stored_destination(table, "d1.up", nn::Activation::kNone).together, 1u);
}

// Outputs count in the coder's units, whatever the weights are: if need be, coarse sums are multiplied up.
TEST(GraphBuilder, OutputsKeepTheirUnit) {
    FourChannels four;
    const nn::Output coarse = four.builder.output("x", "a", four.in, 100);
    EXPECT_TRUE(
        std::holds_alternative<nn::Convolution>(four.graph.nodes[static_cast<size_t>(coarse.node)].layer));
    const nn::Output fine = four.builder.output("y", "a", four.in, 1000);
    const nn::Node& last = four.graph.nodes[static_cast<size_t>(fine.node)];
    const auto& add = std::get<nn::Add>(last.layer);
    ASSERT_EQ(last.inputs[0], last.inputs[1]);
    const auto& sums = std::get<nn::Convolution>(four.graph.nodes[static_cast<size_t>(last.inputs[0])].layer);
    for (size_t c = 0; c < 4; ++c) {
        // From the accumulator, whose steps are real weights / 127, to thousandths.
        const double scale = std::ldexp(sums.out.multiplier[c], -sums.out.shift[c]) *
                             std::ldexp(add.multiplier_a + add.multiplier_b, -add.shift);
        const double weight = four.weights.tensors["a.weight"].values[c];
        EXPECT_NEAR(scale, weight * 0.25 / 127 * 1000, 1e-4 * scale) << c;
    }
}

}  // namespace
}  // namespace residua::train
