#include "origin/blocks/enc_block_completion.h"

#include <algorithm>
#include <cmath>

#include "origin/blocks/enc_forward_dct.h"

namespace residua::codec {

namespace {

constexpr double kNoiseVariance = 1.0 / 12;  // of samples that were rounded
constexpr double kNearVariance = 2;          // of those that are known to lie near a value
constexpr double kLeastVariance = 1e-9;      // below: decided

class Gaussian {
  public:
    explicit Gaussian(const CoefficientEnergies& energies) {
        for (size_t k = 0; k < kBlockSize; ++k) {
            covariance_[k].fill(0);
            covariance_[k][k] = static_cast<double>(energies[k]);
        }
    }

    double mean(size_t k) const { return mean_[k]; }
    double variance(size_t k) const { return covariance_[k][k]; }

    // weights · coefficients is `value`, plus noise of that variance.
    void observe(const float* weights, double value, double noise) {
        Vector with = {};  // covariances of the sample with the coefficients
        double predicted = 0, variance = noise;
        for (size_t k = 0; k < kBlockSize; ++k) {
            const double weight = static_cast<double>(weights[k]);
            for (size_t i = 0; i < kBlockSize; ++i) with[i] += weight * covariance_[k][i];
            predicted += weight * mean_[k];
        }
        for (size_t k = 0; k < kBlockSize; ++k) variance += static_cast<double>(weights[k]) * with[k];
        condition(with, variance, value - predicted);
    }

    // Coefficient k is `value`.
    void decide(size_t k, double value) {
        const Vector with = covariance_[k];
        condition(with, with[k], value - mean_[k]);
    }

  private:
    using Vector = std::array<double, kBlockSize>;

    void condition(const Vector& with, double variance, double off) {
        if (variance < kLeastVariance) return;
        for (size_t k = 0; k < kBlockSize; ++k) {
            const double gain = with[k] / variance;
            mean_[k] += gain * off;
            for (size_t i = 0; i < kBlockSize; ++i) covariance_[k][i] -= gain * with[i];
        }
    }

    Vector mean_ = {};
    std::array<Vector, kBlockSize> covariance_;
};

}  // namespace

void complete_block(const BlockSamples& samples, const QuantTable& quant, const CoefficientEnergies& energies,
                    int16_t* coefficients) {
    Gaussian gaussian(energies);
    float weights[kBlockSize];
    for (size_t s = 0; s < kBlockSize; ++s) {
        const bool near = samples.known[s] == BlockSamples::kNear;
        if (samples.known[s] != BlockSamples::kExact && !near) continue;
        for (size_t k = 0; k < kBlockSize; ++k) weights[k] = dct_basis()[kBlockSize * k + s];
        gaussian.observe(weights, samples.values[s] - 128.0, near ? kNearVariance : kNoiseVariance);
    }
    std::array<bool, kBlockSize> decided = {};
    for (int i = 0; i < kBlockSize; ++i) {
        size_t next = 0;
        double least = 1e30;
        for (size_t k = 0; k < kBlockSize; ++k) {
            const double doubt = gaussian.variance(k) / (static_cast<double>(quant[k]) * quant[k]);
            if (decided[k] || doubt >= least) continue;
            least = doubt;
            next = k;
        }
        decided[next] = true;
        const double step = quant[next];
        const double level = std::clamp(std::round(gaussian.mean(next) / step), -1.0 * kMostCoefficient,
                                        1.0 * kMostCoefficient);
        coefficients[next] = static_cast<int16_t>(level);
        gaussian.decide(next, level * step);
    }
}

}  // namespace residua::codec
