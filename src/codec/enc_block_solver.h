// Quantised coefficients whose inverse DCT makes given samples.
#pragma once

#include <array>
#include <cstdint>

#include "codec/dct_plane.h"

namespace residua::codec {

// What is known of a block's 64 samples.
struct BlockSamples {
    enum Knowledge : uint8_t { kNothing, kExact, kAtMostZero, kAtLeast255 };

    std::array<uint8_t, kBlockSize> values;  // a guess where nothing is known
    std::array<Knowledge, kBlockSize> known;
    bool is_exact() const;  // all 64
};

// For several threads at once.
class BlockSolver {
  public:
    explicit BlockSolver(const QuantTable& quant);

    // Rounds the forward DCT. Where that is not it: projects in turn onto what the samples allow and onto
    // what the steps allow, then changes one coefficient by one step at a time, as long as a limited search
    // lasts. Takes what differs in the fewest samples, and returns how many these are.
    int solve(const BlockSamples& samples, int16_t* coefficients) const;

  private:
    QuantTable quant_;
    std::array<float, kBlockSize> step_, inverse_step_;
};

}  // namespace residua::codec
