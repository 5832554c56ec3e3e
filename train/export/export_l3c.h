// From a trained L3C network to a model file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "l3c/l3c_config.h"
#include "weights/safetensors.h"
#include "weights/stored_tensors.h"

namespace residua::train {

// weights: of an L3cNetwork with this config. steps: of every stored tensor.
// description: the model's "key=value" lines, "name" and "codec" among
// them. Throws std::runtime_error when something does not fit integers.
std::vector<uint8_t> export_l3c(const Checkpoint& weights, const L3cConfig& config, const StepTable& steps,
                                const std::string& description);

}  // namespace residua::train
