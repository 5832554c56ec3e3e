#include "weights/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace residua::train {

namespace {

constexpr double kPercentile = 0.999;
constexpr float kHeadroom = 1.1f;
constexpr float kSmallestShare = 0.01f;  // of the widest channel: nearly dead channels get no finer step

float peak(const ActivationSamples& samples) {
    float largest = 1e-6f;
    for (const auto& values : samples.channel)
        for (float value : values) largest = std::max(largest, std::fabs(value));
    return largest;
}

float percentile(std::vector<float> magnitudes) {
    if (magnitudes.empty()) return 0;
    for (float& value : magnitudes) value = std::fabs(value);
    const auto nth =
        magnitudes.begin() + static_cast<ptrdiff_t>(kPercentile * static_cast<double>(magnitudes.size() - 1));
    std::nth_element(magnitudes.begin(), nth, magnitudes.end());
    return *nth;
}

std::vector<float> byte_steps(const ActivationSamples& samples, const StoredTensor& stored) {
    std::vector<float> limits;
    for (const auto& values : samples.channel) limits.push_back(kHeadroom * percentile(values));
    const float widest = std::max(*std::max_element(limits.begin(), limits.end()), 1e-6f);
    std::vector<float> steps;
    for (float limit : limits)
        steps.push_back((stored.even ? widest : std::max(limit, kSmallestShare * widest)) /
                        static_cast<float>(stored.high));
    return steps;
}

}  // namespace

StepTable choose_steps(const Calibration& calibration) {
    StepTable table;
    std::map<std::string, float> sums;  // the step of each
    for (const auto& [name, samples] : calibration) {
        const StoredTensor stored = stored_tensor(name);
        const float wide = 2 * peak(samples) / 32767.0f;
        const std::string sum = sum_of(name);
        if (!sum.empty()) sums[sum] = std::max(sums[sum], wide);
        if (stored.is_byte())
            table[name] = byte_steps(samples, stored);
        else
            table[name].assign(samples.channel.size(), wide);
    }
    for (auto& [name, steps] : table)
        if (!stored_tensor(name).is_byte() && !sum_of(name).empty())
            std::fill(steps.begin(), steps.end(), sums.at(sum_of(name)));
    return table;
}

}  // namespace residua::train
