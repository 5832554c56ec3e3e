// Code length of a discrete mixture of logistics and its gradient, fused: the loss of the RC paper (Eqs.
// 4-7).
#pragma once

#include <cstdint>

namespace residua::train {

struct MixtureShape {
    int components = 5;              // K
    float log_sigma_min = -3.4657f;  // natural log, in residual steps: ln 2^-5
    float log_sigma_max = 5.5452f;   // ln 2^8
    int low = -255;                  // ends of the alphabet: the tails are folded in there
    int high = 255;
};

// raw:      [pixels][12·K] network outputs before their activations; in order mu, log sigma, weight logits,
//           lambda (each 3·K, index c·K + k; lambda's three groups are α, β, γ and pass through tanh)
// target:   [pixels][3] residuals
// gradient: [pixels][12·K] d(loss)/d(raw), or null
// Returns the sum of −ln p over all sub-pixels. Log σ is clamped to the shape's range; the gradient there is
// 0.
double mixture_loss(const float* raw, const float* target, int64_t pixels, const MixtureShape& shape,
                    float* gradient);

}  // namespace residua::train
