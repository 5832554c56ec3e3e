// A training run: `residua-train rc`, `residua-train l3c`.
#pragma once

#include <string>
#include <vector>

#include "network.h"
#include "optimizer.h"
#include "shard.h"

namespace residua::train {

struct RunSettings {
    std::vector<std::string> shards;          // to train on
    std::vector<std::string> validation;      // shards to validate on; empty: photographs are held out,
    uint64_t hold_out_every = kHoldOutEvery;  // about every so many
    std::string out;                          // folder of the run
    std::string preset;                       // for the record
    Description network;  // what to train; that of the checkpoint when the run resumes, of `start` with that
    OptimizerSettings optimizer;
    int64_t steps = 0;   // length of the run; 0: `minutes` counts
    double minutes = 0;  // length in minutes of training, over all resumes
    int batch = 16;      // crops for each process
    int crop = 128;
    // RC: of the lossy layers to train on, among those in the shards.
    int bit_depth = 10;
    int q_low = 0, q_high = 51;
    std::string device = "cpu";
    int threads = 0;  // of torch; 0: all cores
    int loaders = 1;  // threads that make batches
    bool bfloat16 = true;
    std::string start;  // model.safetensors to start from, with its architecture; empty: from scratch
    bool grow = false;  // keep `network` and let it begin as what the smaller one of `start` computes
    bool resume = false;
    bool quantised = false;       // train with the integer network's rounding; for the last part of a run
    int64_t log_every = 20;       // steps
    double checkpoint_every = 5;  // minutes; validation runs then, too
    uint64_t seed = 1;
    std::string command;  // the command line, for the record
};

// Trains, together with the other processes when there are some (distributed.h), of which the first leaves in
// OUT: checkpoint.safetensors (everything for a resume), model.safetensors (averaged
// weights, for export), log.jsonl, tensorboard/. Throws std::runtime_error with a message for the user.
void run(RunSettings settings);

}  // namespace residua::train
