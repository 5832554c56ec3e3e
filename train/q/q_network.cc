#include "q/q_network.h"

namespace residua::train {

using torch::Tensor;

QNetwork::QNetwork(const QConfig& config, torch::Device device, uint64_t seed)
    : Layers(device), config_(config) {
    torch::manual_seed(seed);
    constexpr double kRelu =
        1.7;  // about sqrt(3): keeps the variance through conv + ReLU for uniform weights
    constexpr double kBranch = 0.5;  // small: the blocks must not swell the trunk at the start
    const auto [half, quarter, eighth] = config.widths;
    const auto add_blocks = [&](const std::string& name, int width) {
        for (int i = 0; i < config.blocks; ++i) {
            const std::string block = name + "." + std::to_string(i);
            add_conv(block + ".conv1", width, width, 3, kRelu);
            add_conv(block + ".conv2", width, width, 3, kBranch);
        }
    };
    add_conv("first", 3, half, 5, kRelu);
    add_conv("second", half, quarter, 5, kRelu);
    add_blocks("low", quarter);
    add_conv("third", quarter, eighth, 5, kRelu);
    add_blocks("high", eighth);
    add_conv("scores", eighth, config.range.classes, 1);
}

void QNetwork::complete_steps(StepTable& steps) const {
    steps["input"].assign(3, static_cast<float>(kQPixelStep));
}

Tensor QNetwork::blocks(const std::string& name, Tensor trunk) const {
    for (int i = 0; i < config_.blocks; ++i) {
        const std::string block = name + "." + std::to_string(i);
        Tensor x = store(block + ".in", trunk);
        x = store(block + ".relu", torch::relu(conv(block + ".conv1", block + ".in", x)));
        trunk = trunk + store(block + ".branch", conv(block + ".conv2", block + ".relu", x));
    }
    return trunk;
}

Tensor QNetwork::features(const Tensor& windows, bool bfloat16) {
    bfloat16_ = bfloat16;
    Tensor x = (windows.to(torch::kFloat32) - 128) * kQPixelStep;
    x = store("first.relu", torch::relu(conv("first", "input", x.permute({0, 3, 1, 2}), 2, 2)));
    x = torch::relu(conv("second", "first.relu", x, 2, 2)).to(torch::kFloat32);
    x = store("low.end.in", blocks("low", store("low.start", x)));
    x = torch::relu(conv("third", "low.end.in", x, 2, 2)).to(torch::kFloat32);
    return store("high.sum", blocks("high", store("high.start", x))).mean({2, 3});
}

Tensor QNetwork::scores(const Tensor& means) const {
    return torch::linear(means, parameters_.at("scores.weight").flatten(1), parameters_.at("scores.bias"));
}

}  // namespace residua::train
