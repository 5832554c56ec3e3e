// What the integer network must know of the activations: how large they get.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "weights/stored_tensors.h"

namespace residua::train {

// Values of one tensor seen while the float network ran on calibration pictures.
struct ActivationSamples {
    std::vector<std::vector<float>> channel;  // [channel][samples]
};

using Calibration = std::map<std::string, ActivationSamples>;

// Steps for every tensor seen. Bytes: the largest integer stands for a little more than
// the 99.9th percentile of the magnitudes; what lies beyond saturates, and training
// with these steps (quantisation-aware) learns to live with it. 16 bits: twice the
// largest magnitude fits. The trunk and its sums ("down", "trunk") share one step.
StepTable choose_steps(const Calibration& calibration);

}  // namespace residua::train
