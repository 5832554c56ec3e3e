// Compiled with -ffast-math (see CMakeLists.txt) so that exp and log become vector calls: training only;
// nothing here decides what a decoder computes.
#include "network/mixture_loss.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace residua::train {

// One body, compiled per instruction set; the loader picks. Clang 14 has no such thing for x86-64 levels.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define RESIDUA_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define RESIDUA_CLONES
#endif

namespace {

constexpr int kBlock = 64;  // pixels handled together: the arrays below stay in the first-level cache
constexpr int kMaxChannels = 8;

using Pixels = float[kBlock];  // plain arrays: the compiler makes vectors of the loops (docs/simd.md)

// What one mixture component says about one channel's target, with the derivatives of its log-probability.
struct Component {
    Pixels log_joint;  // log softmax weight (before normalisation) + log P
    Pixels by_mean;    // d log P / d mu
    Pixels by_scale;   // d log P / d log sigma
};

// log P = log(S(a) − S(b)) with a = (r + ½ − μ)/σ, b = (r − ½ − μ)/σ, written as
// −softplus(−a) − softplus(b) + log(1 − e^(−1/σ)), which never underflows to log 0.
inline void component_terms(const float* residual, const float* mean, const float* log_sigma,
                            const float* logit, const float* at_low, const float* at_high, Component& out) {
    for (int i = 0; i < kBlock; ++i) {
        const float inverse = std::exp(-log_sigma[i]);
        const float a = (residual[i] + 0.5f - mean[i]) * inverse;
        const float b = a - inverse;
        const float exp_a = std::exp(-std::fabs(a));
        const float exp_b = std::exp(-std::fabs(b));
        const float softplus_minus_a = std::max(-a, 0.0f) + std::log(1.0f + exp_a);
        const float softplus_b = std::max(b, 0.0f) + std::log(1.0f + exp_b);
        const float upper = (a >= 0 ? exp_a : 1.0f) / (1.0f + exp_a);  // 1 − S(a)
        const float lower = (b >= 0 ? 1.0f : exp_b) / (1.0f + exp_b);  // S(b)
        const float shrink = std::exp(-inverse);
        // At the alphabet's low end P = S(a), at its high end P = 1 − S(b).
        const float inside_low = 1.0f - at_low[i];
        const float inside_high = 1.0f - at_high[i];
        const float inside = inside_low * inside_high;
        out.log_joint[i] = logit[i] - inside_high * softplus_minus_a - inside_low * softplus_b +
                           inside * std::log(std::max(1.0f - shrink, 1e-30f));
        out.by_mean[i] = (inside_low * lower - inside_high * upper) * inverse;
        out.by_scale[i] = inside_low * b * lower - inside_high * a * upper -
                          inside * inverse * shrink / std::max(1.0f - shrink, 1e-30f);
    }
}

}  // namespace

RESIDUA_CLONES
double mixture_loss(const float* raw, const float* target, const float* symbols, int64_t pixels,
                    const MixtureShape& shape, float* gradient, float* by_target) {
    if (!symbols) symbols = target;
    const int K = shape.components, C = shape.channels;
    if (C > kMaxChannels) throw std::invalid_argument("a mixture of too many channels");
    const int channels = shape.parameters();
    const bool coupled = shape.coupling != Coupling::kNone;
    const bool is_tanh = shape.coupling == Coupling::kTanh;
    // λ and its slope from the value before its activation.
    const auto activate = [is_tanh](float raw_lambda, float& slope) {
        const float t = std::tanh(is_tanh ? raw_lambda : 0.5f * raw_lambda);
        slope = (is_tanh ? 1.0f : 0.25f) * (1.0f - t * t);
        return is_tanh ? t : 0.5f + 0.5f * t;
    };
    std::vector<float> values(static_cast<size_t>(channels) * kBlock);
    std::vector<float> slopes(static_cast<size_t>(channels) * kBlock);
    std::vector<Component> components(static_cast<size_t>(K));
    Pixels residual[kMaxChannels], at_low[kMaxChannels], at_high[kMaxChannels];
    double total = 0;

    for (int64_t first = 0; first < pixels; first += kBlock) {
        const int count = static_cast<int>(std::min<int64_t>(kBlock, pixels - first));
        for (int i = 0; i < kBlock; ++i) {
            const int64_t p = first + std::min(i, count - 1);
            for (int n = 0; n < channels; ++n)
                values[static_cast<size_t>(n) * kBlock + i] = raw[p * channels + n];
            for (int c = 0; c < C; ++c) {
                residual[c][i] = target[p * C + c];
                at_low[c][i] = symbols[p * C + c] <= static_cast<float>(shape.low);
                at_high[c][i] = symbols[p * C + c] >= static_cast<float>(shape.high);
            }
        }
        auto group = [&](std::vector<float>& array, int kind, int c, int k) {
            return array.data() + static_cast<size_t>((kind * C + c) * K + k) * kBlock;
        };
        for (int c = 0; c < C; ++c) {
            for (int k = 0; k < K; ++k) {
                Pixels mean, log_sigma;
                const float* mu = group(values, 0, c, k);
                const float* scale = group(values, 1, c, k);
                for (int i = 0; i < kBlock; ++i) {
                    mean[i] = mu[i];
                    log_sigma[i] = std::clamp(scale[i], shape.log_sigma_min, shape.log_sigma_max);
                }
                // Eq. 4: channel 1 leans on channel 0 by α; channel 2 on 0 by β and on 1 by γ.
                for (int j = 0; coupled && j < c; ++j) {
                    const int which = c == 1 ? 0 : 1 + j;
                    const float* lambda = group(values, 3, which, k);
                    float unused;
                    for (int i = 0; i < kBlock; ++i) mean[i] += activate(lambda[i], unused) * residual[j][i];
                }
                component_terms(residual[c], mean, log_sigma, group(values, 2, c, k), at_low[c], at_high[c],
                                components[static_cast<size_t>(k)]);
            }
            Pixels log_weights, log_total;
            auto log_sum = [&](auto&& term, Pixels& out) {
                for (int i = 0; i < kBlock; ++i) out[i] = term(0, i);
                for (int k = 1; k < K; ++k)
                    for (int i = 0; i < kBlock; ++i) out[i] = std::max(out[i], term(k, i));
                Pixels sum = {};
                for (int k = 0; k < K; ++k)
                    for (int i = 0; i < kBlock; ++i) sum[i] += std::exp(term(k, i) - out[i]);
                for (int i = 0; i < kBlock; ++i) out[i] += std::log(sum[i]);
            };
            log_sum([&](int k, int i) { return group(values, 2, c, k)[i]; }, log_weights);
            log_sum([&](int k, int i) { return components[static_cast<size_t>(k)].log_joint[i]; }, log_total);
            for (int i = 0; i < count; ++i) total += log_weights[i] - log_total[i];
            if (!gradient) continue;

            for (int k = 0; k < K; ++k) {
                const Component& component = components[static_cast<size_t>(k)];
                const float* scale = group(values, 1, c, k);
                const float* logit = group(values, 2, c, k);
                float* by_mu = group(slopes, 0, c, k);
                float* by_scale = group(slopes, 1, c, k);
                float* by_logit = group(slopes, 2, c, k);
                for (int i = 0; i < kBlock; ++i) {
                    const float posterior = std::exp(component.log_joint[i] - log_total[i]);
                    const float inside = scale[i] > shape.log_sigma_min && scale[i] < shape.log_sigma_max;
                    by_mu[i] = -posterior * component.by_mean[i];
                    by_scale[i] = -posterior * component.by_scale[i] * inside;
                    by_logit[i] = std::exp(logit[i] - log_weights[i]) - posterior;
                }
                for (int j = 0; coupled && j < c; ++j) {
                    const int which = c == 1 ? 0 : 1 + j;
                    const float* lambda = group(values, 3, which, k);
                    float* by_lambda = group(slopes, 3, which, k);
                    for (int i = 0; i < kBlock; ++i) {
                        float slope;
                        activate(lambda[i], slope);
                        by_lambda[i] = by_mu[i] * residual[j][i] * slope;
                    }
                }
            }
        }
        if (!gradient) continue;
        // Only x − μ counts, so the target's slope is the negative of all its means' together, and it moves
        // the means of the channels that lean on it.
        for (int c = 0; by_target && c < C; ++c) {
            Pixels slope = {};
            for (int k = 0; k < K; ++k) {
                const float* by_mu = group(slopes, 0, c, k);
                for (int i = 0; i < kBlock; ++i) slope[i] -= by_mu[i];
                for (int other = c + 1; coupled && other < C; ++other) {
                    const float* lambda = group(values, 3, other == 1 ? 0 : 1 + c, k);
                    const float* by_other = group(slopes, 0, other, k);
                    float unused;
                    for (int i = 0; i < kBlock; ++i) slope[i] += by_other[i] * activate(lambda[i], unused);
                }
            }
            for (int i = 0; i < count; ++i) by_target[(first + i) * C + c] = slope[i];
        }
        for (int i = 0; i < count; ++i)
            for (int n = 0; n < channels; ++n)
                gradient[(first + i) * channels + n] = slopes[static_cast<size_t>(n) * kBlock + i];
    }
    return total;
}

}  // namespace residua::train
