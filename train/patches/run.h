// A training run of RC or L3C: `residua-train rc`, `residua-train l3c`.
#pragma once

#include <string>
#include <vector>

#include "data/shard.h"
#include "loop/loop_settings.h"
#include "weights/description.h"

namespace residua::train {

struct RunSettings : LoopSettings {
    std::vector<std::string> shards;          // to train on
    std::vector<std::string> validation;      // shards to validate on; empty: photographs are held out,
    uint64_t hold_out_every = kHoldOutEvery;  // about every so many
    Description network;  // what to train; that of the checkpoint when the run resumes, of `start` with that
    int batch = 16;       // crops for each process
    int crop = 128;
    // RC: of the lossy layers to train on, among those in the shards.
    int bit_depth = 10;
    int q_low = 0, q_high = 51;
    std::string device = "cpu";
    int loaders = 1;  // threads that make batches
    bool bfloat16 = true;
    std::string start;       // model.safetensors to start from, with its architecture; empty: from scratch
    bool grow = false;       // keep `network` and let it begin as what the smaller one of `start` computes
    bool quantised = false;  // train with the integer network's rounding; for the last part of a run
};

// What run() would refuse whatever the shards are, before they are made. Throws std::runtime_error.
void check_run_start(const RunSettings& settings);

// Trains, together with the other processes when there are some (process_group.h), of which the first leaves
// in OUT what RunFolder says, log.jsonl and tensorboard/. Throws std::runtime_error with a message for the
// user.
void run(RunSettings settings);

}  // namespace residua::train
