// z of L3C: the quantiser of learned ones, and the halved picture of the RGB baselines.
#pragma once

#include <torch/types.h>

namespace residua::train {

constexpr double kQuantiserSharpness = 2;  // σ_q

// Learned z to symbols: the nearest of `levels` values evenly in −1…1, as lowest…highest. Backward: the slope
// of the soft assignment Σ_l level_l · softmax(−σ_q (z − level_l)²).
torch::Tensor quantise_latent(const torch::Tensor& z, int levels);

// [N, C, H, W] whole numbers 0…255 to half the size: the antialiased bicubic kernel
// (−3, −9, 29, 111, 111, 29, −9, −3) / 256 in both directions, in the codec's integer arithmetic.
torch::Tensor bicubic_half(const torch::Tensor& picture);

}  // namespace residua::train
