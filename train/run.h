// A training run: `residua-train rc`, `residua-train l3c`.
#pragma once

#include <string>

#include "network.h"
#include "optimizer.h"
#include "pair_cache.h"

namespace residua::train {

struct RunSettings {
    std::string data;        // folder of photographs
    std::string out;         // folder of the run
    std::string cache;       // folder of the pairs; empty: OUT/pairs
    std::string validation;  // folder of pictures; empty: every 40th training photograph is held out
    std::string preset;      // for the record
    Description network;  // what to train; that of the checkpoint when the run resumes, of `start` with that
    PairSettings pairs;
    OptimizerSettings optimizer;
    int64_t steps = 0;   // length of the run; 0: `minutes` counts
    double minutes = 0;  // length in minutes of training, over all resumes
    int batch = 16;
    int crop = 128;
    std::string device = "cpu";
    int threads = 0;  // of torch; 0: all cores
    bool bfloat16 = true;
    std::string start;  // model.safetensors to start from, with its architecture; empty: from scratch
    bool resume = false;
    bool quantised = false;       // train with the integer network's rounding; for the last part of a run
    int64_t log_every = 20;       // steps
    double checkpoint_every = 5;  // minutes; validation runs then, too
    uint64_t seed = 1;
    std::string command;  // the command line, for the record
};

// Trains, and leaves in OUT: checkpoint.safetensors (everything for a resume), model.safetensors (averaged
// weights, for export), log.jsonl, tensorboard/. Throws std::runtime_error with a message for the user.
void run(RunSettings settings);

}  // namespace residua::train
