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

// Rounds to whole steps and clamps; the gradient passes where the value was not clamped.
class FakeQuantise : public torch::autograd::Function<FakeQuantise> {
  public:
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& step,
                          double low, double high) {
        const Tensor levels = x / step;
        context->save_for_backward({levels.ge(low - 0.5).logical_and_(levels.le(high + 0.5))});
        return levels.round().clamp_(low, high).mul_(step);
    }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        return {gradients[0] * context->get_saved_variables()[0], Tensor(), Tensor(), Tensor()};
    }
};

}  // namespace

Tensor mixture_loss_tensor(const Tensor& raw, const Tensor& target, const MixtureShape& shape,
                           bool reference) {
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
    const Tensor blurred = torch::conv2d(padded, kernel, Tensor(), at::IntArrayRef{1}, at::IntArrayRef{0},
                                         at::IntArrayRef{1}, 3);
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

void RcNetwork::set_steps(const StepTable& steps) {
    steps_ = steps;
    step_tensors_.clear();
    const torch::Device device = parameters_.begin()->second.device();
    auto keep = [&](const std::string& name, const std::vector<float>& values) {
        step_tensors_[name] = torch::tensor(values).to(device).reshape({1, -1, 1, 1});
    };
    for (const auto& [name, values] : steps_) keep(name, values);
    if (steps_.empty()) return;
    std::vector<float> input(3, static_cast<float>(kPixelStep));
    if (config_.fine) input.insert(input.end(), 3, static_cast<float>(kDetailStep));
    keep("input", input);
    std::vector<float> both = steps_.at("up");
    both.insert(both.end(), steps_.at("head").begin(), steps_.at("head").end());
    keep("up+head", both);
}

Tensor RcNetwork::store(const std::string& name, const Tensor& x) const {
    if (observer) observer(name, x);
    const StoredTensor stored = stored_tensor(name);
    if (step_tensors_.empty() || !stored.is_byte()) return x;
    return FakeQuantise::apply(x, step_tensors_.at(name).to(x.scalar_type()), static_cast<double>(stored.low),
                               static_cast<double>(stored.high));
}

// 8 bits per weight, one scale per output channel, the input's steps folded in, as GraphBuilder does it.
Tensor RcNetwork::kernel(const std::string& name, const std::string& input, int input_dimension) const {
    const Tensor& weight = parameters_.at(name + ".weight");
    if (step_tensors_.empty()) return weight;
    const Tensor step = step_tensors_.at(input).transpose(1, input_dimension);
    std::vector<int64_t> others = {0, 1, 2, 3};
    others.erase(others.begin() + (1 - input_dimension));  // all but the output's dimension
    const Tensor scale = (weight.detach() * step).abs().amax(others, true).clamp_min(1e-12) / 127 / step;
    return FakeQuantise::apply(weight, scale, -127.0, 127.0);
}

Tensor RcNetwork::cast(const Tensor& x) const { return bfloat16_ ? x.to(torch::kBFloat16) : x; }

Tensor RcNetwork::conv(const std::string& name, const std::string& input, const Tensor& x, int stride,
                       int padding) {
    return torch::conv2d(cast(x), cast(kernel(name, input, 1)), cast(parameters_.at(name + ".bias")), stride,
                         padding);
}

// Four 2×2 convolutions, one per output phase, and a pixel shuffle: much faster than torch's own on CPUs.
// out(2y + i) reads in(y − 1 + i) with kernel row 3 − i and in(y + i) with kernel row 1 − i.
Tensor RcNetwork::transposed_conv(const std::string& name, const std::string& input, const Tensor& x) {
    const int64_t H = x.size(2), W = x.size(3);
    const Tensor padded = F::pad(cast(x), F::PadFuncOptions({1, 1, 1, 1}));
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
    if (!step_tensors_.empty()) {
        const Tensor unit = 64 * step_tensors_.at(input).square();
        squares = FakeQuantise::apply(squares, unit.to(x.scalar_type()), 0.0, 255.0);
        const Tensor peak = (gamma.detach() * unit).amax({1, 2, 3}, true);
        const Tensor scale = torch::maximum(peak, beta.detach().reshape({-1, 1, 1, 1}) / 4e6) / 127 / unit;
        gamma = FakeQuantise::apply(gamma, scale, 0.0, 127.0);
    }
    return x * torch::rsqrt(torch::conv2d(squares, cast(gamma), cast(beta)));
}

Tensor RcNetwork::tail_features(const std::string& name, const Tensor& x) {
    Tensor inner = store(name + ".block.conv1", torch::relu(conv(name + ".block.conv1", "merge", x, 1, 1)));
    inner = store(name + ".block.conv2", conv(name + ".block.conv2", name + ".block.conv1", inner, 1, 1));
    const Tensor sum = store(name + ".block", x + inner);
    return store(name + ".conv", torch::leaky_relu(conv(name + ".conv", name + ".block", sum, 1, 1), 0.01));
}

Tensor RcNetwork::forward(const Tensor& input, bool bfloat16) {
    bfloat16_ = bfloat16;
    const Tensor first = store("head", torch::relu(conv("head", "input", input.permute({0, 3, 1, 2}), 1, 1)));
    const Tensor down = store("down", conv("down", "head", first, 2, 1).to(torch::kFloat32));
    Tensor trunk = down;
    for (int i = 0; i < config_.blocks; ++i) {
        const std::string block = "blocks." + std::to_string(i);
        Tensor x = store(block + ".input", trunk);
        x = store(block + ".conv1", conv(block + ".conv1", block + ".input", x, 1, 1));
        x = store(block + ".gdn1", torch::relu(gdn(block + ".gdn1", block + ".conv1", x)));
        x = store(block + ".conv2", conv(block + ".conv2", block + ".gdn1", x, 1, 1));
        x = store(block + ".gdn2", gdn(block + ".gdn2", block + ".conv2", x));
        trunk = trunk + 0.1 * x;
    }
    const Tensor skip = store("trunk", conv("trunk", "trunk.input", store("trunk.input", trunk), 1, 1));
    const Tensor low = store("up.input", skip + down);
    const Tensor up = store("up", transposed_conv("up", "up.input", low));
    const Tensor both = torch::cat({up, first}, 1);
    const Tensor merged = store("merge", torch::relu(conv("merge", "up+head", both, 1, 1)));

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
