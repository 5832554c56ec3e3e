// The trained RC network as integers: a model file for the codec.
#pragma once

#include <string>
#include <vector>

#include "rc/rc_config.h"
#include "weights/safetensors.h"
#include "weights/stored_tensors.h"

namespace residua::train {

// weights: model.safetensors; steps: of every tensor that RcNetwork names, the same that a quantisation-aware
// training used; description: "key=value\n" lines with at least name and codec. Returns the bytes of a .rsm
// file whose accumulator bounds are proved. Throws std::runtime_error or residua::Error.
std::vector<uint8_t> export_rc(const Checkpoint& weights, const RcConfig& config, const StepTable& steps,
                               const std::string& description);

}  // namespace residua::train
