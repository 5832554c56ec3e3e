// A training run of RC or L3C: `residua-train rc`, `residua-train l3c`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/prepare.h"
#include "data/shard.h"
#include "loop/loop_settings.h"
#include "network/learning.h"
#include "network/precision.h"
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
    Precision precision = Precision::kMeasured;
    std::string recipe = "ours";  // or "paper", "finetune": where the values are from, for the record
    Learning learning;
    bool fit_start = true;    // a random start's biases and scales fit the pictures (Network::fit_start)
    double decay_epochs = 0;  // of the paper's schedule; 0: optimizer.decay_every counts, in steps
    std::optional<PrepareSettings> prepared;  // how the shards were made, where it is known: for the record
    bool change_recipe = false;  // let a run that resumes go on with other values than it began with
    std::string start;       // model.safetensors to start from, with its architecture; empty: from scratch
    bool grow = false;       // keep `network` and let it begin as what the smaller one of `start` computes
    bool quantised = false;  // train with the integer network's rounding; for the last part of a run
};

// What our recipe has differently for the codec than RunSettings begins with.
void begin_as_ours(const std::string& codec, RunSettings& settings);

// What run() would refuse whatever the shards are, before they are made. Throws std::runtime_error.
void check_run_start(const RunSettings& settings);

// The recipe (patches/recipe.h) that the checkpoint of a run in folder `out` records; empty where there is no
// checkpoint, or one from before recipes were recorded.
Description recorded_recipe(const std::string& out);

// Trains, together with the other processes when there are some (process_group.h),
// of which the first leaves in OUT what RunFolder says, log.jsonl and
// tensorboard/. Throws std::runtime_error with a message for the user.
void run(RunSettings settings);

}  // namespace residua::train
