// Run state and averaged weights as safetensors files.
#pragma once

#include <string>

#include "loop/optimizer.h"
#include "network/layers.h"
#include "weights/lossy_range.h"
#include "weights/safetensors.h"

namespace residua::train {

struct RunState {
    int64_t batches = 0;  // drawn from the loader
    double seconds = 0;   // of training, over all resumes
    Description recipe;   // how it is trained, by name, for the record; empty in older checkpoints
};

// Everything that an exact resume needs: weights by their
// names, "adam.first/NAME", "adam.second/NAME", "average/NAME".
void save_checkpoint(const std::string& path, Layers& network, Optimizer& optimizer, const RunState& state,
                     const LossyRange& lossy = {});
// RunState::recipe of a checkpoint.
Description read_recipe(const Checkpoint& checkpoint);
RunState load_checkpoint(const std::string& path, Layers& network, Optimizer& optimizer);

// The averaged weights alone, by their names; after
// quantisation-aware training "step/NAME" of each stored tensor, too.
void save_model(const std::string& path, Layers& network, Optimizer& optimizer, const LossyRange& lossy = {});
void load_model(const std::string& path, Layers& network);  // weights only: the float network

}  // namespace residua::train
