#include "rc/rc_network.h"

#include <cmath>

#include "rc/fit_mixture.h"

namespace residua::train {

using torch::Tensor;

Tensor network_input(const Tensor& fine, const RcConfig& config) {
    const Tensor pixels = (torch::floor((fine + 32) / 64) - 128) * kPixelStep;
    if (!config.fine) return pixels;
    // All numbers here are whole and below 2^24: float arithmetic is exact.
    const Tensor taps = torch::tensor({1.0f, 4.0f, 6.0f, 4.0f, 1.0f}, fine.device());
    const Tensor kernel = (taps.unsqueeze(1) * taps.unsqueeze(0)).expand({3, 1, 5, 5}).contiguous();
    const Tensor planes = fine.permute({0, 3, 1, 2});
    const Tensor padded = torch::replication_pad2d(planes, {2, 2, 2, 2});
    const Tensor blurred = torch::conv2d(padded, kernel, Tensor(), at::IntArrayRef{1}, at::IntArrayRef{0},
                                         at::IntArrayRef{1}, 3);
    const Tensor detail = torch::floor((256 * planes - blurred + 1024) / 2048).clamp(-128, 127);
    return torch::cat({pixels, detail.permute({0, 2, 3, 1}) * kDetailStep}, 3);
}

Tensor residual_target(const Tensor& image, const Tensor& fine, const RcConfig& config) {
    return image - (config.fine ? fine / 64 : torch::floor((fine + 32) / 64));
}

RcNetwork::RcNetwork(const RcConfig& config, torch::Device device, uint64_t seed)
    : Network(device), config_(config) {
    torch::manual_seed(seed);
    const int64_t C = config.features, out = 3 * config.components;
    auto add_gdn = [&](const std::string& name) {
        if (!config.gdn) return;
        // Stored as square roots, so that β and γ stay ≥ 0; a small pedestal lets γ's zeros learn.
        add_parameter(name + ".sqrt_beta", torch::ones({C}));
        add_parameter(name + ".sqrt_gamma", torch::sqrt(0.1 * torch::eye(C) + 1e-6).reshape({C, C, 1, 1}));
    };
    constexpr double kRelu =
        1.7;  // about sqrt(3): keeps the variance through conv + ReLU for uniform weights
    add_conv("head", config.fine ? 6 : 3, C, 3, kRelu);
    add_conv("down", C, C, 3, kRelu);
    for (int i = 0; i < config.blocks; ++i) {
        const std::string block = "blocks." + std::to_string(i);
        add_conv(block + ".conv1", C, C, 3, kRelu);
        add_gdn(block + ".gdn1");
        add_conv(block + ".conv2", C, C, 3, kRelu);
        add_gdn(block + ".gdn2");
    }
    add_conv("trunk", C, C, 3);
    add_conv("up", C, C, 4, 2.0);  // [in][out][4][4], as torch's ConvTranspose2d has it
    add_conv("merge", 2 * C, C, 3, kRelu);
    const std::vector<std::string> tails = config.shared_tail
                                               ? std::vector<std::string>{"tail"}
                                               : std::vector<std::string>{"mu", "log_sigma", "weight"};
    for (const auto& tail : tails) {
        add_conv(tail + ".block.conv1", C, C, 3, kRelu);
        add_conv(tail + ".block.conv2", C, C, 3);
        add_conv(tail + ".conv", C, C, 3, kRelu);
    }
    constexpr double kOutput = 0.3;  // the biases carry the picture-independent mixture; features refine it
    for (const char* name : {"mu", "log_sigma", "weight", "lambda"})
        add_conv(std::string(name) + ".out", C, out, 1, kOutput);
    torch::NoGradGuard no_grad;
    for (int c = 0; c < 3; ++c)
        for (int k = 0; k < config.components; ++k) {
            const int64_t i = c * config.components + k;
            parameters_["mu.out.bias"][i] = 0.0;
            parameters_["log_sigma.out.bias"][i] = -0.5 + 2.5 * k / std::max(1, config.components - 1);
            parameters_["weight.out.bias"][i] = 0.0;
            parameters_["lambda.out.bias"][i] = c == 2 ? 0.5 : 0.8;
        }
}

void RcNetwork::complete_steps(StepTable& steps) const {
    std::vector<float>& input = steps["input"];
    input.assign(3, static_cast<float>(kPixelStep));
    if (config_.fine) input.insert(input.end(), 3, static_cast<float>(kDetailStep));
    std::vector<float> both = steps.at("up");
    both.insert(both.end(), steps.at("head").begin(), steps.at("head").end());
    steps["up+head"] = both;
}

MixtureShape RcNetwork::shape() const {
    MixtureShape shape;
    shape.components = config_.components;
    return shape;
}

CodeLength RcNetwork::code_length(const Samples& samples, bool bfloat16) {
    const Tensor target = residual_target(samples.image, samples.fine, config_);
    const Tensor input = pad_by_reflection(network_input(samples.fine, config_), align());
    const Tensor raw = forward(input, bfloat16).narrow(1, 0, target.size(1)).narrow(2, 0, target.size(2));
    const Tensor nats = mixture_loss_tensor(raw, target, shape());
    return {nats, {{"residual", nats.detach()}}};
}

void RcNetwork::fit_start(const Samples& samples) {
    const std::vector<std::string> names = {"mu.out.bias", "log_sigma.out.bias", "weight.out.bias",
                                            "lambda.out.bias"};
    std::vector<Tensor> parts;
    for (const auto& name : names) parts.push_back(parameters_[name].detach());
    const Tensor fitted =
        fit_mixture(torch::cat(parts), residual_target(samples.image, samples.fine, config_), shape());
    torch::NoGradGuard no_grad;
    const auto values = fitted.chunk(4);
    for (size_t i = 0; i < names.size(); ++i) parameters_[names[i]].copy_(values[i]);
}

// Four 2×2 convolutions, one per output phase, and a pixel shuffle: much faster than torch's own on CPUs.
// out(2y + i) reads in(y − 1 + i) with kernel row 3 − i and in(y + i) with kernel row 1 − i.
Tensor RcNetwork::transposed_conv(const std::string& name, const std::string& input, const Tensor& x) {
    const int64_t H = x.size(2), W = x.size(3);
    const Tensor padded = torch::constant_pad_nd(cast(x), {1, 1, 1, 1});
    const Tensor weight = cast(kernel(name, input, 0)).transpose(0, 1);  // [out][in][4][4]
    const Tensor bias = cast(parameters_.at(name + ".bias"));
    auto taps = [&](int64_t i) { return torch::tensor({i == 0 ? 3 : 2, i == 0 ? 1 : 0}, x.device()); };
    std::vector<Tensor> phases;
    for (int64_t i = 0; i < 2; ++i)
        for (int64_t j = 0; j < 2; ++j) {
            const Tensor part = weight.index_select(2, taps(i)).index_select(3, taps(j));
            phases.push_back(torch::conv2d(padded.narrow(2, i, H + 1).narrow(3, j, W + 1),
                                           part.contiguous(torch::MemoryFormat::ChannelsLast), bias));
        }
    const int64_t N = x.size(0), C = phases[0].size(1);
    // [N, C, 2, 2, H, W] -> [N, C, H, 2, W, 2] -> [N, C, 2H, 2W], kept channels-last.
    return torch::stack(phases, -1)
        .reshape({N, C, H, W, 2, 2})
        .permute({0, 2, 4, 3, 5, 1})
        .reshape({N, 2 * H, 2 * W, C})
        .permute({0, 3, 1, 2});
}

// y_i = x_i / sqrt(β_i + Σ_j γ_ij x_j²). Quantised, x² counts in units of (8 steps)², at most 255 of them,
// and each row of γ has 7 bits.
Tensor RcNetwork::gdn(const std::string& name, const std::string& input, const Tensor& x) {
    const Tensor beta = parameters_.at(name + ".sqrt_beta").square() + 1e-4;
    Tensor gamma = parameters_.at(name + ".sqrt_gamma").square();
    Tensor squares = x.square();
    if (quantised()) {
        const Tensor unit = 64 * step(input).square();
        squares = fake_quantise(squares, unit.to(x.scalar_type()), 0.0, 255.0);
        const Tensor peak = (gamma.detach() * unit).amax({1, 2, 3}, true);
        const Tensor scale = torch::maximum(peak, beta.detach().reshape({-1, 1, 1, 1}) / 4e6) / 127 / unit;
        gamma = fake_quantise(gamma, scale, 0.0, 127.0);
    }
    return x * torch::rsqrt(torch::conv2d(squares, cast(gamma), cast(beta)));
}

Tensor RcNetwork::tail_features(const std::string& name, const Tensor& x) {
    Tensor inner = store(name + ".block.conv1", torch::relu(conv(name + ".block.conv1", "merge", x)));
    inner = store(name + ".block.conv2", conv(name + ".block.conv2", name + ".block.conv1", inner));
    const Tensor sum = store(name + ".block", x + inner);
    return store(name + ".conv", torch::leaky_relu(conv(name + ".conv", name + ".block", sum), 0.01));
}

Tensor RcNetwork::forward(const Tensor& input, bool bfloat16) {
    bfloat16_ = bfloat16;
    const Tensor first = store("head", torch::relu(conv("head", "input", input.permute({0, 3, 1, 2}))));
    const Tensor down = store("down", conv("down", "head", first, 2).to(torch::kFloat32));
    Tensor trunk = down;
    for (int i = 0; i < config_.blocks; ++i) {
        const std::string block = "blocks." + std::to_string(i);
        Tensor x = store(block + ".input", trunk);
        // Without GDN the convolutions' results are stored in its results' place.
        x = conv(block + ".conv1", block + ".input", x);
        if (config_.gdn) x = gdn(block + ".gdn1", block + ".conv1", store(block + ".conv1", x));
        x = store(block + ".gdn1", torch::relu(x));
        x = conv(block + ".conv2", block + ".gdn1", x);
        if (config_.gdn) x = gdn(block + ".gdn2", block + ".conv2", store(block + ".conv2", x));
        x = store(block + ".gdn2", x);
        trunk = trunk + 0.1 * x;
    }
    const Tensor skip = store("trunk", conv("trunk", "trunk.input", store("trunk.input", trunk)));
    const Tensor low = store("up.input", skip + down);
    const Tensor up = store("up", transposed_conv("up", "up.input", low));
    const Tensor both = torch::cat({up, first}, 1);
    const Tensor merged = store("merge", torch::relu(conv("merge", "up+head", both)));

    std::vector<Tensor> raw;
    Tensor shared;
    if (config_.shared_tail) shared = tail_features("tail", merged);
    for (const std::string name : {"mu", "log_sigma", "weight"}) {
        const Tensor features = config_.shared_tail ? shared : tail_features(name, merged);
        raw.push_back(conv(name + ".out", (config_.shared_tail ? "tail" : name) + ".conv", features, 1, 0));
    }
    raw.push_back(conv("lambda.out", "merge", merged, 1, 0));
    return torch::cat(raw, 1).permute({0, 2, 3, 1}).to(torch::kFloat32);
}

}  // namespace residua::train
