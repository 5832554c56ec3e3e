// `residua-train olm`: training of OLM's heads on records.
#pragma once

#include <string>

#include "olm_config.h"
#include "optimizer.h"

namespace residua::train {

struct OlmRunSettings {
    std::string records;  // folder, as prepare_olm_records leaves it
    std::string out;      // folder of the run
    OlmConfig network;
    OptimizerSettings optimizer;
    int64_t steps = 0;  // length of the run; 0: `minutes` counts
    double minutes = 0;
    int64_t stop_after = 0;  // steps of this call; 0: until the end
    int batch = 16384;       // records of each plane
    double quantised_from =
        0.6;            // the share of the run after which the integer network's roundings are trained with
    int threads = 0;    // of torch; 0: all cores
    std::string start;  // model.safetensors to start from; empty: from scratch
    bool resume = false;
    double checkpoint_every = 5;  // minutes
    uint64_t seed = 1;
    std::string command;  // for the record
};

// Leaves in OUT what run() does. Throws std::runtime_error.
void run_olm(const OlmRunSettings& settings);

}  // namespace residua::train
