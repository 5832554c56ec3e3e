// `residua-train compare-q-classifier`.
#pragma once

#include <cstddef>
#include <string>

#include "q/q_training.h"

namespace residua::train {

struct CompareSettings {
    std::string model;  // .rsm with the run's classifier
    std::string run;
    QTrainingSettings pictures;  // as the run's
};
// How often the codec's integer classifier and the run's float network agree on the pictures held out.
struct Agreement {
    size_t pictures = 0, equal = 0, within_one = 0;
    QResult integers, floats;
};
Agreement run_compare(const CompareSettings& settings);

}  // namespace residua::train
