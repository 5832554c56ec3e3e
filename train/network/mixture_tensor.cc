#include "network/mixture_tensor.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

namespace residua::train {

namespace {

using torch::Tensor;

class FusedMixtureLoss : public torch::autograd::Function<FusedMixtureLoss> {
  public:
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& raw, const Tensor& target,
                          const Tensor& symbols, const MixtureShape& shape, bool target_gradient) {
        const Tensor values = raw.contiguous();
        const Tensor wanted = target.contiguous();
        const Tensor whole = symbols.contiguous();
        const int64_t parameters = shape.parameters(), channels = shape.channels;
        const int64_t pixels = values.numel() / parameters;
        Tensor gradient = torch::empty_like(values);
        Tensor by_target = target_gradient ? torch::empty_like(wanted) : Tensor();
        constexpr int64_t kChunk = 4096;
        const int64_t chunks = (pixels + kChunk - 1) / kChunk;
        std::vector<double> sums(static_cast<size_t>(chunks));
        at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
            for (int64_t i = begin; i < end; ++i) {
                const int64_t first = i * kChunk;
                sums[static_cast<size_t>(i)] = mixture_loss(
                    values.data_ptr<float>() + first * parameters,
                    wanted.data_ptr<float>() + first * channels, whole.data_ptr<float>() + first * channels,
                    std::min(kChunk, pixels - first), shape, gradient.data_ptr<float>() + first * parameters,
                    target_gradient ? by_target.data_ptr<float>() + first * channels : nullptr);
            }
        });
        double total = 0;
        for (double sum : sums) total += sum;
        context->save_for_backward({gradient, by_target});
        return torch::tensor(total, torch::kFloat64);
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const auto saved = context->get_saved_variables();
        const double scale = gradients[0].item<double>();
        return {saved[0] * scale, saved[1].defined() ? saved[1] * scale : Tensor(), Tensor(), Tensor(),
                Tensor()};
    }
};

// The same loss from torch operations: runs on any device, and is what the fused one is tested against.
Tensor plain_mixture_loss(const Tensor& raw, const Tensor& target, const Tensor& symbols,
                          const MixtureShape& shape) {
    const int64_t K = shape.components, C = shape.channels;
    const auto groups = raw.reshape({-1, shape.parameters() / (C * K), C, K});
    const Tensor value = target.reshape({-1, C, 1});
    const Tensor symbol = symbols.detach().reshape({-1, C, 1});
    Tensor mean = groups.select(1, 0);
    if (shape.coupling != Coupling::kNone) {
        const Tensor wide = groups.select(1, 3);
        const Tensor lambda = shape.coupling == Coupling::kTanh ? torch::tanh(wide) : torch::sigmoid(wide);
        const Tensor x0 = value.select(1, 0), x1 = value.select(1, 1);
        mean = torch::stack({mean.select(1, 0), mean.select(1, 1) + lambda.select(1, 0) * x0,
                             mean.select(1, 2) + lambda.select(1, 1) * x0 + lambda.select(1, 2) * x1},
                            1);
    }
    const Tensor log_sigma = groups.select(1, 1).clamp(shape.log_sigma_min, shape.log_sigma_max);
    const Tensor inverse = torch::exp(-log_sigma);
    const Tensor a = (value + 0.5 - mean) * inverse;
    const Tensor b = a - inverse;
    const Tensor at_low = symbol <= shape.low, at_high = symbol >= shape.high;
    const Tensor zero = torch::zeros_like(a);
    const Tensor log_p = torch::where(at_high, zero, -torch::softplus(-a)) +
                         torch::where(at_low, zero, -torch::softplus(b)) +
                         torch::where(at_low.logical_or(at_high), zero, torch::log(-torch::expm1(-inverse)));
    const Tensor log_weight = torch::log_softmax(groups.select(1, 2), -1);
    return -torch::logsumexp(log_weight + log_p, -1).to(torch::kFloat64).sum();
}

}  // namespace

Tensor mixture_loss_tensor(const Tensor& raw, const Tensor& symbols, const MixtureShape& shape,
                           const Tensor& origin, bool reference) {
    const Tensor target = origin.defined() ? symbols - origin : symbols;
    if (reference || !raw.device().is_cpu()) return plain_mixture_loss(raw, target, symbols, shape);
    return FusedMixtureLoss::apply(raw, target, symbols.detach(), shape, target.requires_grad());
}

}  // namespace residua::train
