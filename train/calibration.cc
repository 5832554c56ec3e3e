#include "calibration.h"

#include <algorithm>
#include <cmath>

namespace residua::train {

namespace {

float largest(const std::vector<float>& values) {
    float result = 0;
    for (float value : values) result = std::max(result, std::fabs(value));
    return result;
}

double clipped_error(const std::vector<float>& values, float step, int levels) {
    double error = 0;
    for (float value : values) {
        const float quantised =
            std::clamp(std::nearbyint(value / step), static_cast<float>(-levels), static_cast<float>(levels)) * step;
        error += static_cast<double>(value - quantised) * (value - quantised);
    }
    return error;
}

// The share of the range that is worth keeping: outliers are clipped when that makes the rest finer.
float best_step(const std::vector<float>& values, float peak, int levels) {
    float best = peak / static_cast<float>(levels);
    double least = clipped_error(values, best, levels);
    for (float share = 0.9f; share > 0.15f; share *= 0.88f) {
        const float step = peak * share / static_cast<float>(levels);
        const double error = clipped_error(values, step, levels);
        if (error < least) {
            least = error;
            best = step;
        }
    }
    return best;
}

float peak_of(const ActivationSamples& samples) {
    float peak = 0;
    for (const auto& values : samples.channel) peak = std::max(peak, largest(values));
    return std::max(peak, 1e-6f);
}

}  // namespace

std::vector<float> channel_steps(const ActivationSamples& samples, int levels) {
    const float floor = 0.01f * peak_of(samples);
    std::vector<float> steps;
    for (const auto& values : samples.channel)
        steps.push_back(best_step(values, std::max(1.1f * largest(values), floor), levels));
    return steps;
}

float tensor_step(const ActivationSamples& samples, int levels) {
    std::vector<float> all;
    for (const auto& values : samples.channel)
        for (size_t i = 0; i < values.size(); i += 16) all.push_back(values[i]);
    return best_step(all, 1.1f * peak_of(samples), levels);
}

float wide_step(const ActivationSamples& samples) { return peak_of(samples) / 16000.0f; }

std::vector<float> channel_means(const ActivationSamples& samples) {
    std::vector<float> means;
    for (const auto& values : samples.channel) {
        double sum = 0;
        for (float value : values) sum += value;
        means.push_back(values.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(values.size())));
    }
    return means;
}

}  // namespace residua::train
