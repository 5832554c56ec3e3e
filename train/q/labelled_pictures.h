// Photographs with the labels that a Q-classifier learns.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "q/q_pictures.h"
#include "q/q_training.h"

namespace residua::train {

struct QPictures {
    std::shared_ptr<const PatchSet> patches;   // what the pictures refer to
    std::vector<QPicture> training, held_out;  // of each ten photographs about one is held out
    size_t fixed = 0;                          // the class of the model's default Q
};
// Makes what is missing of crops and labels. Pictures smaller than a window are left out. Throws
// std::runtime_error.
QPictures labelled_pictures(const QTrainingSettings& settings, bool quiet);

}  // namespace residua::train
