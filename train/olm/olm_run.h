// `residua-train olm`: training of OLM's heads on records.
#pragma once

#include <string>

#include "loop/loop_settings.h"
#include "olm/olm_config.h"

namespace residua::train {

struct OlmRunSettings : LoopSettings {
    OlmRunSettings() { log_every = 50; }

    std::string records;  // folder, as prepare_olm_records leaves it
    OlmConfig network;
    int batch = 16384;  // records of each plane
    // The share of the run after which the integer network's roundings are trained with.
    double quantised_from = 0.6;
    std::string start;  // model.safetensors to start from; empty: from scratch
};

// What run_olm() would refuse whatever the records are, before they are made. Throws std::runtime_error.
void check_olm_start(const OlmRunSettings& settings);

// Leaves in OUT what run() does. Throws std::runtime_error.
void run_olm(const OlmRunSettings& settings);

}  // namespace residua::train
