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

// The lossy layers that a network of RC was trained on.
struct LossyRange {
    int q_low = 0, q_high = 0;  // 0: not known
    int bit_depth = 10;

    void describe(Description& description) const;  // adds itself, unless it is not known
    static LossyRange of(const Description& description);
};

// Everything that an exact resume needs: weights by their names, "adam.first/NAME", "adam.second/NAME",
// "average/NAME".
void save_checkpoint(const std::string& path, Layers& network, Optimizer& optimizer, const RunState& state,
                     const LossyRange& lossy = {});
RunState load_checkpoint(const std::string& path, Layers& network, Optimizer& optimizer);

// The averaged weights alone, by their names; after quantisation-aware training "step/NAME" of each stored
// tensor, too.
void save_model(const std::string& path, Layers& network, Optimizer& optimizer, const LossyRange& lossy = {});
void load_model(const std::string& path, Layers& network);  // weights only: the float network
StepTable read_steps(const Checkpoint& checkpoint);         // empty when there are none

// What network a checkpoint or a model holds. Throws std::runtime_error when it is neither.
Description read_description(const std::string& path);

}  // namespace residua::train
