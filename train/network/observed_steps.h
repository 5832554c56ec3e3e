// Steps of the stored tensors from what a float network computes.
#pragma once

#include <functional>

#include "network/layers.h"

namespace residua::train {

// The steps for what `run` makes the network compute; it may call it several times. Of each channel about
// `samples` are taken per call, spread evenly.
constexpr int64_t kSamplesPerCall = 1536;
StepTable observed_steps(Layers& network, const std::function<void()>& run,
                         int64_t samples = kSamplesPerCall);

}  // namespace residua::train
