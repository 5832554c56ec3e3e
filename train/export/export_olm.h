// From OLM's heads to a model file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "olm/olm_config.h"
#include "weights/safetensors.h"
#include "weights/stored_tensors.h"

namespace residua::train {

// description: the model file's "key=value" lines. Throws std::runtime_error.
std::vector<uint8_t> export_olm(const Checkpoint& weights, const OlmConfig& config, const StepTable& steps,
                                const std::string& description);

}  // namespace residua::train
