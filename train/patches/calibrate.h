// Steps of the stored tensors from a float network and patches.
#pragma once

#include <vector>

#include "data/shard.h"
#include "network/network.h"

namespace residua::train {

// Runs the network on a crop of some of the patches, chosen at random but always the same. For RC all of them
// need a lossy layer.
StepTable calibrate(Network& network, std::vector<PatchReference> patches);

}  // namespace residua::train
