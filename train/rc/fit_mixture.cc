#include "rc/fit_mixture.h"

#include <algorithm>

#include "loop/optimizer.h"

namespace residua::train {

using torch::Tensor;

Tensor fit_mixture(const Tensor& start, const Tensor& targets, const MixtureShape& shape) {
    constexpr int kSteps = 300;
    constexpr int64_t kTargets = 8192;
    const Tensor all = targets.detach().to(torch::kCPU).reshape({-1, shape.channels});
    const Tensor target =
        all.slice(0, 0, all.size(0), std::max<int64_t>(1, all.size(0) / kTargets)).contiguous();
    Parameters fitted = {{"raw", start.detach().to(torch::kCPU).clone().requires_grad_(true)}};
    OptimizerSettings settings;
    settings.learning_rate = 0.03;
    settings.weight_decay = 0;
    settings.warm_up = 1;
    Optimizer optimizer(fitted, settings);
    for (int i = 0; i < kSteps; ++i) {
        const Tensor raw = fitted["raw"].expand({target.size(0), -1});
        (mixture_loss_tensor(raw, target, shape) / static_cast<double>(target.numel())).backward();
        optimizer.step(static_cast<double>(i) / kSteps);
    }
    return fitted["raw"].detach();
}

}  // namespace residua::train
