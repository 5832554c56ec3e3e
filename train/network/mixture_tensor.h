// The code length of a mixture of logistics as a differentiable torch scalar.
#pragma once

#include <torch/types.h>

#include "network/mixture_loss.h"

namespace residua::train {

// −Σ ln p(symbols) over all symbols. raw: float [N, H, W, shape.parameters()], symbols: float [N, H, W,
// shape.channels]. origin, of the same shape or undefined: what means, and the values that others lean on,
// are relative to. Gradients flow into symbols and origin where they ask for them (L3C learns its z). CPU
// tensors use the fused mixture_loss(); others, and `reference`, plain torch operations.
torch::Tensor mixture_loss_tensor(const torch::Tensor& raw, const torch::Tensor& symbols,
                                  const MixtureShape& shape, const torch::Tensor& origin = {},
                                  bool reference = false);

}  // namespace residua::train
