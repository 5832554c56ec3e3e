// The trained RC network as integers: a model file for the codec.
#pragma once

#include <string>
#include <vector>

#include "calibration.h"
#include "rc_config.h"
#include "safetensors.h"

namespace residua::train {

// weights: model.safetensors; calibration: activations by the names that RcNetwork observes; description:
// "key=value\n" lines with at least name and codec. Returns the bytes of a .rsm file whose accumulator bounds are
// proved. Throws std::runtime_error or residua::Error.
std::vector<uint8_t> export_rc(const Checkpoint& weights, const RcConfig& config, const Calibration& calibration,
                               const std::string& description);

}  // namespace residua::train
