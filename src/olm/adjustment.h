// What a wide plane's errors were like where the head's inputs were alike widens or narrows its mixtures, and
// moves them: docs/format-deep.md, 5.
#pragma once

#include <array>

#include "entropy/wide_coder.h"
#include "olm/plane_state.h"

namespace residua::olm {

class Adjustment {
  public:
    struct Change {
        int octaves;  // 1/32 octave: how much wider
        float move;   // in local scales
    };
    // Of the i-th active lane of a step, which is that lane. log_scale: of values, 1/32 octave.
    Change of(const PlaneState& state, int lane, int log_scale, size_t i);

    // After the step: what its samples own of their mixtures.
    void learn(const entropy::WideShares& shares);

  private:
    static constexpr int kTables = 3, kCells = 64;
    struct Cell {
        float octaves = 0, move = 0, count = 0;
    };
    std::array<std::array<Cell, kCells>, kTables> cells_{};
    std::array<std::array<uint8_t, kTables>, entropy::kGroupPixels> contexts_{};
};

}  // namespace residua::olm
