// Networks that begin as what smaller ones compute.
#include "rc/grow.h"

#include <gtest/gtest.h>

namespace residua::train {
namespace {

using torch::Tensor;

Checkpoint weights_of(const RcNetwork& network) {
    Checkpoint checkpoint;
    for (const auto& [name, value] : network.parameters()) {
        const Tensor array = value.detach().contiguous();
        checkpoint.tensors[name] = {array.sizes().vec(),
                                    {array.data_ptr<float>(), array.data_ptr<float>() + array.numel()}};
    }
    return checkpoint;
}

struct GrowCase {
    const char* name;
    RcConfig from, to;
};

class Grow : public testing::TestWithParam<GrowCase> {};

TEST_P(Grow, ComputesWhatTheSmallerNetworkDoes) {
    const auto& [name, from, to] = GetParam();
    RcNetwork small(from, torch::kCPU, 3), large(to, torch::kCPU, 4);
    const Tensor input = torch::rand({2, 12, 10, from.fine ? 6 : 3}) - 0.5;
    const Tensor unlike = large.forward(input, false).detach();
    const Checkpoint weights = weights_of(small);
    grow_from(weights, from, large);
    const Tensor expected = small.forward(input, false).detach(), grown = large.forward(input, false);
    EXPECT_GT((unlike - expected).abs().max().item<double>(), 0.1);
    EXPECT_LT((grown - expected).abs().max().item<double>(), 1e-4);

    // What was added is learned from at once: the kernels that read it have gradients, and so have those by
    // which added blocks will speak up.
    grown.square().sum().backward();
    for (int i = 0, added = 0; i < to.blocks; ++i) {
        const Tensor& last = large.parameters().at("blocks." + std::to_string(i) + ".conv2.weight");
        EXPECT_GT(last.grad().abs().max().item<double>(), 0) << i;
        if (last.narrow(0, 0, from.features).abs().max().item<double>() == 0) ++added;
        if (i == to.blocks - 1) {
            EXPECT_EQ(added, to.blocks - from.blocks);
        }
    }
    if (to.features == from.features) return;
    const Tensor readers = large.parameters().at("mu.out.weight");
    const int64_t added = to.features - from.features;
    EXPECT_EQ(readers.narrow(1, from.features, added).abs().max().item<double>(), 0);
    const Tensor gradients = readers.grad().narrow(1, from.features, added);
    EXPECT_GT((gradients.narrow(1, 0, 1) - gradients.narrow(1, 1, 1)).abs().max().item<double>(), 0);
}

constexpr RcConfig kSmall = {.features = 8, .blocks = 3, .components = 2, .shared_tail = true};

INSTANTIATE_TEST_SUITE_P(
    All, Grow,
    testing::Values(
        GrowCase{"Wider", kSmall, {.features = 12, .blocks = 3, .components = 2, .shared_tail = true}},
        GrowCase{"Deeper", kSmall, {.features = 8, .blocks = 7, .components = 2, .shared_tail = true}},
        GrowCase{"WithThreeTails", kSmall, {.features = 8, .blocks = 3, .components = 2}},
        GrowCase{"InAllRespects", kSmall, {.features = 13, .blocks = 6, .components = 2}},
        GrowCase{"FromThreeTails",
                 {.features = 8, .blocks = 1, .components = 2},
                 {.features = 10, .blocks = 2, .components = 2}},
        GrowCase{"WithoutGdn",
                 {.features = 8, .blocks = 1, .components = 2, .gdn = false, .fine = false},
                 {.features = 10, .blocks = 2, .components = 2, .gdn = false, .fine = false}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Growing, RefusesWhatItWouldNotCompute) {
    RcNetwork small(kSmall, torch::kCPU, 3);
    Checkpoint weights = weights_of(small);
    const RcConfig unfit[] = {
        {.features = 7, .blocks = 3, .components = 2, .shared_tail = true},
        {.features = 8, .blocks = 2, .components = 2, .shared_tail = true},
        {.features = 8, .blocks = 3, .components = 3, .shared_tail = true},
        {.features = 8, .blocks = 3, .components = 2, .shared_tail = true, .gdn = false},
        {.features = 8, .blocks = 3, .components = 2, .shared_tail = true, .fine = false},
    };
    for (const RcConfig& config : unfit) {
        RcNetwork large(config, torch::kCPU, 4);
        EXPECT_THROW(grow_from(weights, kSmall, large), std::runtime_error);
    }
    RcNetwork three({.features = 8, .blocks = 3, .components = 2}, torch::kCPU, 3),
        one(kSmall, torch::kCPU, 4);
    EXPECT_THROW(grow_from(weights_of(three), three.config(), one), std::runtime_error);
    weights.tensors.erase("tail.conv.bias");
    EXPECT_THROW(grow_from(weights, kSmall, three), std::runtime_error);
}

}  // namespace
}  // namespace residua::train
