#include "export/quantise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "export/test_export.h"
#include "nn/network.h"

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

// Weights of which 8 bits say little, as one of them is large: the fine convolution still tells them apart.
TEST(GraphBuilder, FineConvolutionsKeepSmallWeights) {
    Checkpoint weights;
    constexpr int kInputs = 8, kOutputs = 3;
    std::vector<float> kernel;
    for (int o = 0; o < kOutputs; ++o)
        for (int i = 0; i < kInputs; ++i)
            kernel.push_back(i == 0 ? 1.0f : 0.0021f * static_cast<float>((o + 1) * (i % 3 - 1)));
    weights.tensors["a.weight"] = {{kOutputs, kInputs, 1, 1}, kernel};
    weights.tensors["a.bias"] = {{kOutputs}, {0.25f, -1.5f, 0.003f}};
    const auto error = [&](bool fine, nn::ElementKind kind, float step) {
        nn::Graph graph;
        GraphBuilder builder(weights, graph);
        QuantisedTensor in;
        in.node = graph.add(nn::Input{kInputs, nn::ElementKind::kQ8, 0});
        in.step.assign(kInputs, 0.25f);
        const Destination wanted{kind, nn::Activation::kNone, std::vector<float>(kOutputs, step), kOutputs};
        const QuantisedTensor out =
            fine ? builder.fine_conv("a", in, 1, 0, wanted) : builder.conv("a", in, 1, 0, wanted);
        graph.outputs.push_back({"x", out.node});
        constexpr int kWidth = 16;
        torch::manual_seed(3);
        Tensor pixels = torch::randint(-120, 121, {1, kWidth, kInputs}).to(torch::kFloat32);
        pixels.select(2, 0).fill_(3);  // what is large says nothing
        const nn::Network network(graph);
        const Tensor found = run_integers(network, kWidth, 1, {pixels})[0].to(torch::kFloat64);
        double worst = 0;
        for (int x = 0; x < kWidth; ++x)
            for (int o = 0; o < kOutputs; ++o) {
                double real = weights.tensors["a.bias"].values[static_cast<size_t>(o)];
                for (int i = 0; i < kInputs; ++i)
                    real +=
                        kernel[static_cast<size_t>(o * kInputs + i)] * 0.25 * pixels[0][x][i].item<double>();
                worst = std::max(
                    worst, std::abs(found[0][x][o].item<double>() * out.step[static_cast<size_t>(o)] - real));
            }
        return worst;
    };
    EXPECT_GT(error(false, nn::ElementKind::kI16, 0.005f), 0.1);
    EXPECT_LT(error(true, nn::ElementKind::kI16, 0.005f), 0.006);
    EXPECT_GT(error(false, nn::ElementKind::kQ8, 0.03f), 0.1);
    EXPECT_LT(error(true, nn::ElementKind::kQ8, 0.03f), 0.02);
}

}  // namespace
}  // namespace residua::train
