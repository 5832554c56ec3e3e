#include "olm/olm_network.h"

#include <cmath>

#include "network/mixture_tensor.h"

namespace residua::train {

using torch::Tensor;

OlmNetwork::OlmNetwork(const OlmConfig& config, torch::Device device, uint64_t seed)
    : Layers(device), config_(config) {
    torch::manual_seed(seed);
    torch::NoGradGuard no_grad;
    for (size_t p = 0; p < config.inputs.size(); ++p) {
        int64_t from = config.inputs[p];
        for (size_t i = 0; i < config.widths.size(); ++i) {
            add_conv(layer(static_cast<int>(p), i), from, config.widths[i], 1, 1.7);
            from = config.widths[i];
        }
        const std::string out = layer(static_cast<int>(p), config.widths.size());
        const int64_t K = config.components;
        add_conv(out, from, 3 * K, 1, 0.2);
        // All components in the centre, from a quarter of the local scale to three times.
        Tensor& bias = parameters_.at(out + ".bias");
        bias.zero_();
        for (int64_t k = 0; k < K; ++k)
            bias[2 * K + k] =
                -1.4 + 2.5 * static_cast<double>(k) / static_cast<double>(std::max<int64_t>(1, K - 1));
    }
}

void OlmNetwork::complete_steps(StepTable& steps) const {
    for (size_t p = 0; p < config_.inputs.size(); ++p)
        steps["plane" + std::to_string(p) + ".input"].assign(static_cast<size_t>(config_.inputs[p]),
                                                             static_cast<float>(kOlmInputStep));
}

Tensor OlmNetwork::nats(int plane, const OlmBatch& batch) {
    bfloat16_ = false;
    const int64_t N = batch.inputs.size(0), F = batch.inputs.size(1);
    // Convolutions of many small pictures: of one large one, torch would make a plain matrix product, which
    // is slow where it has no BLAS.
    constexpr int64_t kSide = 16;
    const int64_t side = N % (kSide * kSide) == 0 ? kSide : 1;
    Tensor x = (batch.inputs * kOlmInputStep).reshape({-1, side, side, F}).permute({0, 3, 1, 2});
    std::string before = "plane" + std::to_string(plane) + ".input";
    for (size_t i = 0; i < config_.widths.size(); ++i) {
        const std::string name = layer(plane, i);
        const std::string after = config_.hidden(plane, i);
        x = store(after, torch::relu(conv(name, before, x, 1, 0)));
        before = after;
    }
    const Tensor out = conv(layer(plane, config_.widths.size()), before, x, 1, 0)
                           .permute({0, 2, 3, 1})
                           .reshape({N, 3, config_.components});
    const Tensor scale = batch.scale.unsqueeze(1);
    const Tensor raw = torch::cat({out.select(1, 1) * (scale * kOlmMeanUnit),
                                   out.select(1, 2) + batch.log_scale.unsqueeze(1), out.select(1, 0)},
                                  1);
    MixtureShape shape;
    shape.components = config_.components;
    shape.channels = 1;
    shape.coupling = Coupling::kNone;
    shape.low = -128 - config_.reach();
    shape.high = 127 + config_.reach();
    return mixture_loss_tensor(raw.reshape({1, 1, N, -1}), batch.symbols.reshape({1, 1, N, 1}), shape,
                               batch.centre.reshape({1, 1, N, 1}));
}

}  // namespace residua::train
