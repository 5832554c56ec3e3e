// The labelled pictures of a Q-classifier's training, and the windows of them that the network sees.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "q/q_labels.h"

namespace residua::train {

struct QPicture {
    PatchReference reference;
    QSizes sizes;

    const Patch& patch() const { return reference.patch(); }
    double subpixels() const { return 3.0 * static_cast<double>(patch().area()); }
    double bpsp(size_t choice) const { return 8.0 * sizes[choice] / subpixels(); }
};

// A square of a picture, mirrored or not.
struct QWindow {
    int x, y;
    bool flip_x = false, flip_y = false;
};

QWindow random_window(const Patch& patch, int side, std::mt19937_64& random);

// As many as fit beside each other, spread evenly, as the codec looks at a picture.
std::vector<QWindow> grid_windows(const Patch& patch, int side);

// [side][side][3], behind what `bytes` holds.
void append_window(const Patch& patch, const QWindow& window, int side, std::vector<uint8_t>& bytes);

// How well choices of Q do, over some pictures.
struct QResult {
    double accuracy = 0;    // share of pictures whose best Q was chosen
    double within_one = 0;  // share of choices at most one from the best
    double bpsp = 0;        // mean of the files, with the chosen Q
    double best_bpsp = 0;   // with the best of the classes
    double fixed_bpsp = 0;  // with the same Q for all
};
// choices: classes, one per picture; fixed: a class.
QResult judge(const std::vector<QPicture>& pictures, const std::vector<size_t>& choices, size_t fixed);

}  // namespace residua::train
