// Architecture of a Q-classifier: what a preset chooses and a checkpoint records.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "weights/description.h"

namespace residua::train {

// The Q to choose from; class i is Q first + i.
struct QRange {
    int first = 6;
    int classes = 7;
    int q(size_t i) const { return first + static_cast<int>(i); }
};

// conv5×5 of stride 2 three times, residual blocks (conv3×3, ReLU, conv3×3) after the second and the third,
// the mean over the picture, one linear layer.
struct QConfig {
    std::array<int, 3> widths = {64, 128, 256};  // channels at 1/2, 1/4, 1/8 of the size
    int blocks = 4;                              // at each of the last two
    QRange range = {};

    Description description() const;                    // for checkpoints
    static QConfig of(const Description& description);  // throws std::runtime_error
};

constexpr const char* kQClassifierCodec = "q-classifier";
constexpr int kQAlign = 8;
// Real value of one step of the pixels that it sees; 0 is the pixel 128.
constexpr double kQPixelStep = 1 / 127.5;

// "q-paper": the paper's network. "q-small": 1/20 of its work. Throws std::invalid_argument for another name.
QConfig q_preset(const std::string& name);

}  // namespace residua::train
