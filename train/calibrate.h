// Steps of the stored tensors from a float network and pictures.
#pragma once

#include <vector>

#include "network.h"
#include "pair_cache.h"

namespace residua::train {

// Runs the network on a crop of some of the pairs, chosen at random but always the same.
StepTable calibrate(Network& network, std::vector<const Pair*> pairs);

}  // namespace residua::train
