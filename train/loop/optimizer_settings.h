// How a run's steps go.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace residua::train {

enum class Schedule {
    kCosine,      // Adam; linear warm-up, then half a cosine down to 0
    kPaper,       // RMSProp, × 0.75 every `decay_every` steps
    kClassifier,  // Adam, × 0.25 after 5/11 and after 10/11 of the run: the paper's for its Q-classifier
};

struct OptimizerSettings {
    Schedule schedule = Schedule::kCosine;
    double learning_rate = 1e-3;  // the highest; the papers: RC 5e-5, L3C 1e-4
    double weight_decay = 1e-4;
    double gradient_clip = 1.0;  // largest norm of the whole gradient; 0 = none
    int64_t warm_up = 200;       // steps
    int64_t decay_every = 100000;
    std::function<double(const std::string&)>
        rate_share;          // of the learning rate, by a parameter's name; empty: 1
    double average = 0.999;  // decay of the moving average of the weights
};

}  // namespace residua::train
