// Run state and averaged weights as safetensors files.
#pragma once

#include <string>

#include "network.h"
#include "optimizer.h"
#include "safetensors.h"

namespace residua::train {

struct RunState {
    int64_t batches = 0;  // drawn from the loader
    double seconds = 0;   // of training, over all resumes
};

// Everything that an exact resume needs: weights by their names, "adam.first/NAME", "adam.second/NAME",
// "average/NAME".
void save_checkpoint(const std::string& path, Layers& network, Optimizer& optimizer, const RunState& state);
RunState load_checkpoint(const std::string& path, Layers& network, Optimizer& optimizer);

// The averaged weights alone, by their names; after quantisation-aware training "step/NAME" of each stored
// tensor, too.
void save_model(const std::string& path, Layers& network, Optimizer& optimizer);
void load_model(const std::string& path, Layers& network);  // weights only: the float network
StepTable read_steps(const Checkpoint& checkpoint);         // empty when there are none

// What network a checkpoint or a model holds. Throws std::runtime_error when it is neither.
Description read_description(const std::string& path);

}  // namespace residua::train
