// `residua-train finetune`: a released model adapted to somebody's own pictures.
#pragma once

#include <cstdint>
#include <string>

#include "patches/run.h"

namespace residua::train {

struct FinetuneSettings {
    // Released float weights: a path to NAME.safetensors with NAME.rsm beside it, or a name that one of the
    // folders of RESIDUA_MODELS or the released models' own folder has.
    std::string model = "rc-coarse";
    std::string data;   // folder of pictures, taken as they are unless scale_low says otherwise
    std::string out;    // folder of the run and of the new model
    std::string name;   // of the new model; empty: MODEL-NAME-OF-THE-DATA-FOLDER
    int64_t steps = 0;  // length of the training; 0: `minutes` counts
    double minutes = 40;
    double scale_low = 1;
    double megapixels = 150;  // of pictures to prepare at most
    double learning_rate = 2e-4;
    int batch = 16, crop = 64, threads = 0;
    bool resume = false;
    uint64_t seed = 1;
    Precision precision = Precision::kMeasured;
    std::string command;  // the command line, for the record
};

// Real files of pictures that training did not see, each decoded again and compared.
struct FinetuneResult {
    int pictures = 0;
    uint64_t bytes_before = 0;  // with the released model
    uint64_t bytes_after = 0;   // with the new one
    std::string model;          // the new model file
};

// RC's lossy layers have the model's default Q and the three below and above it, and its bit depth; the new
// model keeps both. Every 10th picture or so, at least one, is held out. Prints what it does and the result.
// Throws std::runtime_error, among others for a folder with fewer than two pictures.
FinetuneResult run_finetune(const FinetuneSettings& settings);

}  // namespace residua::train
