// `residua-train export`.
#pragma once

#include <optional>
#include <string>

namespace residua::train {

struct ExportSettings {
    std::string run;         // folder of a run: model.safetensors
    std::string shards;      // to calibrate on, without quantisation-aware training; empty: RUN/shards
    std::string out;         // the .rsm file to write
    std::string name;        // empty: the codec's name
    std::string trained_on;  // one line for people
    // Of the lossy layer. 0: the middle of the Q, and the depth, that the network was trained on; 9 and 10
    // where the run does not say.
    int default_q = 0;
    int default_bit_depth = 0;
    // Whether mixtures adapt where nobody says. None: they do, but in the networks that are the papers' own.
    std::optional<bool> adaptation;
    // Folder of a run of residua-train q-classifier, or a model (.rsm) that has a classifier; empty: none.
    std::string q_classifier;
};
void run_export(const ExportSettings& settings);

}  // namespace residua::train
