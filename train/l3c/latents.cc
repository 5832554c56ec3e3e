#include "l3c/latents.h"

#include <torch/csrc/autograd/custom_function.h>

namespace residua::train {

using torch::Tensor;

namespace {

class QuantiseLatent : public torch::autograd::Function<QuantiseLatent> {
  public:
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& z, int64_t levels) {
        context->save_for_backward({z});
        context->saved_data["levels"] = levels;
        const auto lowest = static_cast<double>(-(levels / 2));
        const double per_level = static_cast<double>(levels - 1) / 2;
        const double offset = per_level + lowest;  // 0 for odd L
        return torch::round(z * per_level + offset).clamp_(lowest, static_cast<double>(levels - 1) + lowest);
    }
    // d/dz Σ_l level_l·softmax = 2 σ_q·Var(level); symbols are (L − 1)/2 times as far apart as levels.
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const Tensor z = context->get_saved_variables()[0];
        const int64_t levels = context->saved_data["levels"].toInt();
        const Tensor level = torch::linspace(-1, 1, levels, z.options());
        const Tensor weight = torch::softmax(-kQuantiserSharpness * (z.unsqueeze(-1) - level).square(), -1);
        const Tensor mean = (weight * level).sum(-1);
        const Tensor variance = (weight * level.square()).sum(-1) - mean.square();
        const double per_level = static_cast<double>(levels - 1) / 2;
        return {gradients[0] * variance * (2 * kQuantiserSharpness * per_level), Tensor()};
    }
};

}  // namespace

Tensor quantise_latent(const Tensor& z, int levels) { return QuantiseLatent::apply(z, levels); }

// All numbers are whole and below 2^24: float arithmetic
// is exact. (Convolutions on a GPU might round to TF32.)
Tensor bicubic_half(const Tensor& picture) {
    const auto filtered = [](const Tensor& x, int64_t dimension) {
        constexpr double kTaps[] = {-3, -9, 29, 111, 111, 29, -9, -3};
        const int64_t half = (x.size(dimension) - 6) / 2;
        Tensor sum;
        for (int64_t j = 0; j < 8; ++j) {
            const Tensor term = kTaps[j] * x.slice(dimension, j, j + 2 * half - 1, 2);
            sum = j ? sum + term : term;
        }
        return sum;
    };
    const Tensor padded = torch::replication_pad2d(picture, {3, 3, 3, 3});
    const Tensor rows = torch::floor((filtered(padded, 3) + 8) / 16);
    return torch::floor((filtered(rows, 2) + 2048) / 4096).clamp(0, 255);
}

}  // namespace residua::train
