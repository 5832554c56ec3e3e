// What a run leaves (checkpoint.safetensors, model.safetensors) says of its network.
#pragma once

#include <string>

#include "weights/description.h"
#include "weights/safetensors.h"
#include "weights/stored_tensors.h"

namespace residua::train {

// What network a checkpoint or a model holds. Throws std::runtime_error when it is neither.
Description read_description(const std::string& path);

// "step/NAME" of each stored tensor, after quantisation-aware training; without it none.
StepTable read_steps(const Checkpoint& checkpoint);
void put_steps(const StepTable& steps, Checkpoint& checkpoint);

}  // namespace residua::train
