// Code length of a discrete mixture of logistics and its
// gradient, fused: the loss of both papers (RC, Eqs. 4-7).
#pragma once

#include <cstdint>

namespace residua::train {

// How the means of channels 1 and 2 lean on the channels before them.
enum class Coupling {
    kNone,
    kTanh,     // RC
    kSigmoid,  // L3C
};

struct MixtureShape {
    int components = 5;  // K
    int channels = 3;    // C, at most 8; 3 unless the coupling is kNone
    Coupling coupling = Coupling::kTanh;
    float log_sigma_min = -3.4657f;  // natural log, in steps of the symbols: ln 2^-5
    float log_sigma_max = 5.5452f;   // ln 2^8
    int low = -255;                  // ends of the alphabet: the tails are folded in there
    int high = 255;

    int parameters() const { return (coupling == Coupling::kNone ? 3 : 4) * channels * components; }
};

// raw:      [pixels][parameters()] network outputs before their activations; in order mu, log sigma, weight
//           logits, and with a coupling lambda (each C·K, index c·K + k; lambda's three groups are α, β, γ)
// target:   [pixels][C] symbols, or symbols minus the origins that their means are relative to
// symbols:  [pixels][C] the symbols, for the ends of the alphabet; null: `target` are symbols
// gradient: [pixels][parameters()] d(loss)/d(raw), or null
// by_target: [pixels][C] d(loss)/d(target), or null; only together with `gradient`. At the ends of the
// alphabet it is that of the folded tail. Returns the sum of −ln p over all symbols. Log σ is clamped to the
// shape's range; the gradient there is 0.
double mixture_loss(const float* raw, const float* target, const float* symbols, int64_t pixels,
                    const MixtureShape& shape, float* gradient, float* by_target = nullptr);

}  // namespace residua::train
