// What the exporter must know of the activations: for each stored tensor and channel a scale that loses least, and
// the mean.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace residua::train {

// Values of one tensor seen while the float network ran on calibration pictures.
struct ActivationSamples {
    std::vector<std::vector<float>> channel;  // [channel][samples]
};

using Calibration = std::map<std::string, ActivationSamples>;

// Step between neighbouring integers, per channel, so that round-and-clamp to −levels…levels (0…levels for
// values that are never negative) has the least squared error. Channels that hardly move get a share of the largest.
std::vector<float> channel_steps(const ActivationSamples& samples, int levels);

// One step for all channels.
float tensor_step(const ActivationSamples& samples, int levels);

// For the wide 16-bit tensors: twice the largest magnitude fits.
float wide_step(const ActivationSamples& samples);

std::vector<float> channel_means(const ActivationSamples& samples);

}  // namespace residua::train
