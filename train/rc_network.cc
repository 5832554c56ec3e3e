#include "rc_network.h"

#include <ATen/Parallel.h>

#include <cmath>

namespace residua::train {

namespace {

using torch::Tensor;
namespace F = torch::nn::functional;

class FusedMixtureLoss : public torch::autograd::Function<FusedMixtureLoss> {
  public:
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& raw, const Tensor& target,
                          const MixtureShape& shape) {
        const Tensor values = raw.contiguous();
        const Tensor wanted = target.contiguous();
        const int64_t channels = values.size(-1);
        const int64_t pixels = values.numel() / channels;
        Tensor gradient = torch::empty_like(values);
        constexpr int64_t kChunk = 4096;
        const int64_t chunks = (pixels + kChunk - 1) / kChunk;
        std::vector<double> sums(static_cast<size_t>(chunks));
        at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                const int64_t first = i * kChunk;
                sums[static_cast<size_t>(i)] = mixture_loss(
                    values.data_ptr<float>() + first * channels, wanted.data_ptr<float>() + first * 3,
                    std::min(kChunk, pixels - first), shape, gradient.data_ptr<float>() + first * channels);
            }
        });
        double total = 0;
        for (double sum : sums) total += sum;
        context->save_for_backward({gradient});
        return torch::tensor(total, torch::kFloat64);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const Tensor gradient = context->get_saved_variables()[0];
        return {gradient.mul_(gradients[0].item<double>()), Tensor(), Tensor()};
    }
};

// The same loss from torch operations: runs on any device, and is what the fused one is tested against.
Tensor plain_mixture_loss(const Tensor& raw, const Tensor& target, const MixtureShape& shape) {
    const int64_t K = shape.components;
    const auto groups = raw.reshape({-1, 4, 3, K});
    const Tensor residual = target.reshape({-1, 3, 1});
    const Tensor lambda = torch::tanh(groups.select(1, 3));
    const Tensor r0 = residual.select(1, 0), r1 = residual.select(1, 1);
    const Tensor mu = groups.select(1, 0);
    const Tensor mean = torch::stack({mu.select(1, 0), mu.select(1, 1) + lambda.select(1, 0) * r0,
                                      mu.select(1, 2) + lambda.select(1, 1) * r0 + lambda.select(1, 2) * r1},
                                     1);
    const Tensor log_sigma = groups.select(1, 1).clamp(shape.log_sigma_min, shape.log_sigma_max);
    const Tensor inverse = torch::exp(-log_sigma);
    const Tensor a = (residual + 0.5 - mean) * inverse;
    const Tensor b = a - inverse;
    const Tensor at_low = residual <= shape.low, at_high = residual >= shape.high;
    const Tensor zero = torch::zeros_like(a);
    const Tensor log_p = torch::where(at_high, zero, -F::softplus(-a)) +
                         torch::where(at_low, zero, -F::softplus(b)) +
                         torch::where(at_low.logical_or(at_high), zero, torch::log(-torch::expm1(-inverse)));
    const Tensor log_weight = torch::log_softmax(groups.select(1, 2), -1);
    return -torch::logsumexp(log_weight + log_p, -1).to(torch::kFloat64).sum();
}

}  // namespace

Tensor mixture_loss_tensor(const Tensor& raw, const Tensor& target, const MixtureShape& shape, bool reference) {
    if (reference || !raw.device().is_cpu()) return plain_mixture_loss(raw, target, shape);
    return FusedMixtureLoss::apply(raw, target, shape);
}

Tensor network_input(const Tensor& fine, const RcConfig& config) {
    const Tensor pixels = (torch::floor((fine + 32) / 64) - 128) * kPixelStep;
    if (!config.fine) return pixels;
    // All numbers here are whole and below 2^24: float arithmetic is exact.
    const Tensor taps = torch::tensor({1.0f, 4.0f, 6.0f, 4.0f, 1.0f}, fine.device());
    const Tensor kernel = (taps.unsqueeze(1) * taps.unsqueeze(0)).expand({3, 1, 5, 5}).contiguous();
    const Tensor planes = fine.permute({0, 3, 1, 2});
    const Tensor padded = F::pad(planes, F::PadFuncOptions({2, 2, 2, 2}).mode(torch::kReplicate));
    const Tensor blurred = torch::conv2d(padded, kernel, Tensor(), at::IntArrayRef{1}, at::IntArrayRef{0}, at::IntArrayRef{1}, 3);
    const Tensor detail = torch::floor((256 * planes - blurred + 1024) / 2048).clamp(-128, 127);
    return torch::cat({pixels, detail.permute({0, 2, 3, 1}) * kDetailStep}, 3);
}

Tensor residual_target(const Tensor& image, const Tensor& fine, const RcConfig& config) {
    return image - (config.fine ? fine / 64 : torch::floor((fine + 32) / 64));
}

RcNetwork::RcNetwork(const RcConfig& config, torch::Device device, uint64_t seed) : config_(config) {
    torch::manual_seed(seed);
    const int64_t C = config.features, out = 3 * config.components;
    auto add = [&](const std::string& name, Tensor value) {
        if (value.dim() == 4 && device.is_cpu()) value = value.contiguous(torch::MemoryFormat::ChannelsLast);
        parameters_[name] = value.to(device).requires_grad_(true);
    };
    auto add_conv = [&](const std::string& name, int64_t from, int64_t to, int64_t k, double gain = 1.0) {
        const double bound = gain / std::sqrt(static_cast<double>(from * k * k));
        add(name + ".weight", torch::empty({to, from, k, k}).uniform_(-bound, bound));
        add(name + ".bias", torch::empty({to}).uniform_(-bound, bound));
    };
    auto add_gdn = [&](const std::string& name) {
        // Stored as square roots, so that β and γ stay ≥ 0; a small pedestal lets γ's zeros learn.
        add(name + ".sqrt_beta", torch::ones({C}));
        add(name + ".sqrt_gamma", torch::sqrt(0.1 * torch::eye(C) + 1e-6).reshape({C, C, 1, 1}));
    };
    constexpr double kRelu = 1.7;  // about sqrt(3): keeps the variance through conv + ReLU for uniform weights
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
    const std::vector<std::string> tails =
        config.shared_tail ? std::vector<std::string>{"tail"} : std::vector<std::string>{"mu", "log_sigma", "weight"};
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

Tensor RcNetwork::cast(const Tensor& x) const { return bfloat16_ ? x.to(torch::kBFloat16) : x; }

Tensor RcNetwork::conv(const std::string& name, const Tensor& x, int stride, int padding) {
    return torch::conv2d(cast(x), cast(parameters_.at(name + ".weight")), cast(parameters_.at(name + ".bias")),
                         stride, padding);
}

// Four 2×2 convolutions, one per output phase, and a pixel shuffle: much faster than torch's own on CPUs.
// out(2y + i) reads in(y − 1 + i) with kernel row 3 − i and in(y + i) with kernel row 1 − i (i = 0) or 0 (i = 1).
Tensor RcNetwork::transposed_conv(const std::string& name, const Tensor& x) {
    const int64_t H = x.size(2), W = x.size(3);
    const Tensor padded = F::pad(cast(x), F::PadFuncOptions({1, 1, 1, 1}));
    const Tensor weight = cast(parameters_.at(name + ".weight")).transpose(0, 1);  // [out][in][4][4]
    const Tensor bias = cast(parameters_.at(name + ".bias"));
    auto taps = [&](int64_t i) { return torch::tensor({i == 0 ? 3 : 2, i == 0 ? 1 : 0}, x.device()); };
    std::vector<Tensor> phases;
    for (int64_t i = 0; i < 2; ++i)
        for (int64_t j = 0; j < 2; ++j) {
            const Tensor kernel = weight.index_select(2, taps(i)).index_select(3, taps(j));
            phases.push_back(torch::conv2d(padded.narrow(2, i, H + 1).narrow(3, j, W + 1),
                                           kernel.contiguous(torch::MemoryFormat::ChannelsLast), bias));
        }
    const int64_t N = x.size(0), C = phases[0].size(1);
    // [N, C, 2, 2, H, W] -> [N, C, H, 2, W, 2] -> [N, C, 2H, 2W], kept channels-last.
    return torch::stack(phases, -1)
        .reshape({N, C, H, W, 2, 2})
        .permute({0, 2, 4, 3, 5, 1})
        .reshape({N, 2 * H, 2 * W, C})
        .permute({0, 3, 1, 2});
}

// y_i = x_i / sqrt(β_i + Σ_j γ_ij x_j²)
Tensor RcNetwork::gdn(const std::string& name, const Tensor& x) {
    const Tensor beta = parameters_.at(name + ".sqrt_beta").square() + 1e-4;
    const Tensor gamma = parameters_.at(name + ".sqrt_gamma").square();
    return x * torch::rsqrt(torch::conv2d(x.square(), cast(gamma), cast(beta)));
}

Tensor RcNetwork::tail_features(const std::string& name, const Tensor& x) {
    Tensor inner = torch::relu(conv(name + ".block.conv1", x, 1, 1));
    observe(name + ".block.conv1", inner);
    inner = conv(name + ".block.conv2", inner, 1, 1);
    observe(name + ".block.conv2", inner);
    const Tensor sum = x + inner;
    observe(name + ".block", sum);
    const Tensor features = torch::leaky_relu(conv(name + ".conv", sum, 1, 1), 0.01);
    observe(name + ".conv", features);
    return features;
}

Tensor RcNetwork::forward(const Tensor& input, bool bfloat16) {
    bfloat16_ = bfloat16;
    const Tensor first = torch::relu(conv("head", input.permute({0, 3, 1, 2}), 1, 1));
    observe("head", first);
    const Tensor down = conv("down", first, 2, 1).to(torch::kFloat32);
    observe("down", down);
    Tensor trunk = down;
    for (int i = 0; i < config_.blocks; ++i) {
        const std::string block = "blocks." + std::to_string(i);
        observe(block + ".input", trunk);
        Tensor x = conv(block + ".conv1", trunk, 1, 1);
        observe(block + ".conv1", x);
        x = torch::relu(gdn(block + ".gdn1", x));
        observe(block + ".gdn1", x);
        x = conv(block + ".conv2", x, 1, 1);
        observe(block + ".conv2", x);
        x = gdn(block + ".gdn2", x);
        observe(block + ".gdn2", x);
        trunk = trunk + 0.1 * x;
    }
    observe("trunk.input", trunk);
    Tensor skip = conv("trunk", trunk, 1, 1);
    observe("trunk", skip);
    skip = skip + down;
    observe("up.input", skip);
    const Tensor up = transposed_conv("up", skip);
    observe("up", up);
    const Tensor merged = torch::relu(conv("merge", torch::cat({up, first}, 1), 1, 1));
    observe("merge", merged);

    std::vector<Tensor> raw;
    Tensor shared;
    if (config_.shared_tail) shared = tail_features("tail", merged);
    for (const char* name : {"mu", "log_sigma", "weight"})
        raw.push_back(conv(std::string(name) + ".out",
                           config_.shared_tail ? shared : tail_features(name, merged), 1, 0));
    raw.push_back(conv("lambda.out", merged, 1, 0));
    return torch::cat(raw, 1).permute({0, 2, 3, 1}).to(torch::kFloat32);
}

}  // namespace residua::train
