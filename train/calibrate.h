// Steps of the stored tensors from a float network and pictures.
#pragma once

#include <vector>

#include "network.h"
#include "shard.h"

namespace residua::train {

// The steps for what `run` makes the network compute; it may call it several times.
StepTable observed_steps(Layers& network, const std::function<void()>& run);

// Runs the network on a crop of some of the patches, chosen at random but always the same. For RC all of them
// need a lossy layer.
StepTable calibrate(Network& network, std::vector<PatchReference> patches);

}  // namespace residua::train
