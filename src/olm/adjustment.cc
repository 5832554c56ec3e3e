#include "olm/adjustment.h"

#include <algorithm>

#include "entropy/scale_score.h"

namespace residua::olm {

namespace {

// Learning begins at kFirstRate, which halves by the kHalfCount-th sample, and never falls below kLastRate.
constexpr float kFirstRate = 0.25F, kHalfCount = 300, kLastRate = 0.02F, kMoveRate = 0.003F;
constexpr float kMostOctaves = 96, kMostMove = 2, kMostGradient = 3;

// How the logarithm of a share changes with the scale's and with the place of the mixture.
struct Gradient {
    float octaves, move;
};
Gradient gradient_of(entropy::Share share) {
    constexpr auto kOne = static_cast<float>(entropy::kProbabilityOne);
    const auto width = static_cast<float>(share.end - share.begin);
    const float u = static_cast<float>(share.begin) / kOne, v = static_cast<float>(share.end) / kOne;
    const auto scores = static_cast<float>(entropy::score(share.begin) - entropy::score(share.end));
    return {scores * (1.0F / 1024) / width, (u * (1 - u) - v * (1 - v)) * kOne / width};
}

}  // namespace

Adjustment::Change Adjustment::of(const PlaneState& s, int lane, int log_scale, size_t i) {
    const uint8_t* inputs = s.head_input + static_cast<ptrdiff_t>(lane) * s.head_inputs;
    // Of the head's inputs: the errors of a wide neighbourhood, the local scale.
    const int wide = inputs[3 * s.solvers + 26], scale = inputs[3 * s.solvers + 27];
    auto& contexts = contexts_[i];
    contexts = {
        static_cast<uint8_t>(std::clamp((log_scale >> 4) + 8, 0, kCells - 2)),
        static_cast<uint8_t>(std::clamp(static_cast<int>(s.centre[lane] * s.to_byte * 0.125F), 0, 31)),
        static_cast<uint8_t>(std::clamp((wide - scale + 60) / 5, 0, 24))};
    const float value = s.centre[lane];
    if (value * s.levels < 0.5F || (s.maximum - value) * s.levels < 0.5F)
        contexts = {kCells - 1, kCells - 1, kCells - 1};
    float octaves = 0, move = 0;
    for (size_t t = 0; t < kTables; ++t) {
        octaves = octaves + cells_[t][contexts[t]].octaves;
        move = move + cells_[t][contexts[t]].move;
    }
    constexpr float kWhole = 3 << 22;
    const float most = std::clamp(octaves, -kMostOctaves, kMostOctaves);
    return {static_cast<int>((most + kWhole) - kWhole), std::clamp(move, -kMostMove, kMostMove)};
}

void Adjustment::learn(const entropy::WideShares& shares) {
    for (size_t i = 0; i < static_cast<size_t>(shares.count); ++i) {
        if (!shares.known[i]) continue;
        const Gradient gradient = gradient_of(shares.share[i]);
        const float g = std::clamp(gradient.octaves, -kMostGradient, kMostGradient);
        const float move_gradient = std::clamp(gradient.move, -kMostGradient, kMostGradient);
        for (size_t t = 0; t < kTables; ++t) {
            Cell& cell = cells_[t][contexts_[i][t]];
            cell.octaves =
                cell.octaves + (kFirstRate * kHalfCount / (cell.count + kHalfCount) + kLastRate) * g;
            cell.move = cell.move + kMoveRate * move_gradient;
            cell.count += 1;
        }
    }
}

}  // namespace residua::olm
