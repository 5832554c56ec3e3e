// A Q-classifier's training: `residua-train q-classifier`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "optimizer.h"
#include "prepare.h"
#include "q_config.h"
#include "q_pictures.h"

namespace residua::train {

enum class QLoss {
    kLabel,  // cross entropy of the best Q: the paper's
    kSoft,   // cross entropy of all Q, each the likelier the fewer bits its file has beyond the best one
};

struct QTrainingSettings {
    std::string data;   // folder of photographs
    std::string cache;  // folder for their crops and the labels; empty: OUT
    std::string out;    // folder of the run
    PrepareSettings prepare = {.lossy_layer = false, .window = 256, .patch = 256};
    QLabelSettings labels;
    std::string preset = "q-small";
    QConfig network;
    QLoss loss = QLoss::kSoft;
    OptimizerSettings optimizer = {.schedule = Schedule::kCosine,
                                   .learning_rate = 1e-3,
                                   .weight_decay = 0,
                                   .gradient_clip = 0,
                                   .rate_share = {},
                                   .average = 0.98};
    int epochs = 30;
    int batch = 16;              // pictures per step
    int windows = 4;             // of each picture, whose features are averaged
    int crop = 64;               // side of a window, as in the codec (stages/rc/enc_q_choice.cc)
    double rounded_share = 0.2;  // of the run, its end, with the integer network's roundings
    bool bfloat16 = true;
    int threads = 0;  // of torch; 0: all cores
    bool resume = false;
    bool labels_only = false;
    uint64_t seed = 1;
    std::string command;  // the command line, for the record
};

struct QPictures {
    std::shared_ptr<const PatchSet> patches;   // what the pictures refer to
    std::vector<QPicture> training, held_out;  // of each ten photographs about one is held out
    size_t fixed = 0;                          // the class of the model's default Q
};
// Makes what is missing of crops and labels. Pictures smaller than a window are left out. Throws
// std::runtime_error.
QPictures labelled_pictures(const QTrainingSettings& settings, bool quiet);

// Leaves in OUT: checkpoint.safetensors (everything for a resume), model.safetensors (for export), log.jsonl.
// Returns the result on the pictures that were held out. Throws std::runtime_error.
QResult train_q_classifier(QTrainingSettings settings);

class QNetwork;
// The classes that the network chooses for whole pictures.
std::vector<size_t> choose_classes(QNetwork& network, const std::vector<QPicture>& pictures, int crop,
                                   bool bfloat16);

}  // namespace residua::train
