// A Q-classifier's training: `residua-train q-classifier`.
#pragma once

#include <string>

#include "data/prepare.h"
#include "loop/loop_settings.h"
#include "q/q_config.h"
#include "q/q_pictures.h"

namespace residua::train {

enum class QLoss {
    kLabel,  // cross entropy of the best Q: the paper's
    kSoft,   // cross entropy of all Q, each the likelier the fewer bits its file has beyond the best one
};

// Of LoopSettings the length and the checkpoints follow from the epochs.
struct QTrainingSettings : LoopSettings {
    QTrainingSettings() {
        preset = "q-small";
        log_every = 10;
        optimizer.learning_rate = 1e-3;
        optimizer.weight_decay = 0;
        optimizer.gradient_clip = 0;
        optimizer.average = 0.98;
    }

    std::string data;   // folder of photographs
    std::string cache;  // folder for their crops and the labels; empty: OUT
    PrepareSettings prepare = {.lossy_layer = false, .window = 256, .patch = 256};
    QLabelSettings labels;
    QConfig network;
    QLoss loss = QLoss::kSoft;
    int epochs = 30;
    int batch = 16;              // pictures per step
    int windows = 4;             // of each picture, whose features are averaged
    int crop = 64;               // side of a window, as in the codec (stages/rc/enc_q_choice.cc)
    double rounded_share = 0.2;  // of the run, its end, with the integer network's roundings
    bool bfloat16 = true;
    bool labels_only = false;
};

// Leaves in OUT what run() does. Returns the result on the pictures that were held out. Throws
// std::runtime_error.
QResult train_q_classifier(QTrainingSettings settings);

}  // namespace residua::train
