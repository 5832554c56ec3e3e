// Steps of the stored tensors from a float network and pictures.
#pragma once

#include <vector>

#include "pair_cache.h"
#include "rc_network.h"

namespace residua::train {

// Runs the network on a crop of some of the pairs, chosen at random but always the same.
StepTable calibrate(RcNetwork& network, std::vector<const Pair*> pairs);

}  // namespace residua::train
