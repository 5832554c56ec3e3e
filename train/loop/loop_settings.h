// What every training run is told, whatever it trains.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "loop/optimizer_settings.h"

namespace residua::train {

struct LoopSettings {
    std::string out;      // folder of the run
    bool resume = false;  // go on with the run that is there
    OptimizerSettings optimizer;
    int64_t steps = 0;             // length of the run; 0: `minutes` counts
    double minutes = 0;            // length in minutes of training, over all resumes
    int64_t stop_after = 0;        // steps of this call; 0: until the end
    int64_t log_every = 20;        // steps
    double checkpoint_every = 5;   // minutes of training; validation runs then, too
    int64_t checkpoint_steps = 0;  // steps between checkpoints instead; 0: `checkpoint_every` counts
    int threads = 0;               // of torch; 0: all cores
    uint64_t seed = 1;
    std::string preset, command;               // for the record; `command` is the command line
    std::map<std::string, std::string> notes;  // further entries of the log's first line
};

}  // namespace residua::train
