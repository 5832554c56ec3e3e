// RC's Q-classifier (section 4.4 of the RC paper) as a description over the integer network: a picture in,
// the Q of the lossy layer out that makes the smallest file. Only an encoder needs it; in integers, so that
// every encoder chooses the same Q.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/model_file.h"
#include "nn/network.h"

namespace residua::models {

// The last layer: what the features' mean over the picture says about each Q. One unit for all classes.
struct QScores {
    int first_q = 1;               // of class 0; class k is Q first_q + k
    std::vector<int16_t> weights;  // [class][feature]
    std::vector<int32_t> bias;     // [class]

    int classes() const { return static_cast<int>(bias.size()); }
    // sums: of each feature over `positions` places, which is at most kMaxPositions. The class with the
    // largest weights·sums + bias·positions, the finest of equal ones, as its Q.
    int best_q(std::span<const int64_t> sums, int64_t positions) const;
};

constexpr int kMaxQClasses = 16;
// |weights·sums| < 1024 features · 2^15 · 2^15 · 2^22 = 2^62.
constexpr int64_t kMaxPositions = int64_t{1} << 22;

struct QClassifier {
    // From the file's section, which must be there. Throws kCorrupt (or
    // kTruncated) unless it is whole and its network takes one 8-bit RGB
    // picture and has one output, "features", int16, smaller than the picture.
    explicit QClassifier(const ModelFile& file);

    QScores scores;
    nn::Network network;
};

// The section's bytes. The graph must pass nn::validate().
std::vector<uint8_t> serialise_q_classifier(const QScores& scores, const nn::Graph& graph);

}  // namespace residua::models
