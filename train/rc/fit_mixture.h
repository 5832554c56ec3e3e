// The mixture that a network of RC starts from.
#pragma once

#include "network/mixture_tensor.h"

namespace residua::train {

// The raw parameters [shape.parameters()] of the mixture that fits `targets`, float [n, shape.channels], best
// without looking at the picture, found by descent from `start`.
torch::Tensor fit_mixture(const torch::Tensor& start, const torch::Tensor& targets,
                          const MixtureShape& shape);

}  // namespace residua::train
