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

struct BlockSolution {
    int differing;  // samples of which something is known that come out otherwise
};

// For several threads at once.
class BlockSolver {
  public:
    explicit BlockSolver(const QuantTable& quant);

    // Rounds the forward DCT. Where that is not it: projects in turn onto what the samples allow and onto what
    // the steps allow, as long as samples are not known exactly, then changes coefficients by one step, the
    // best one at a time, for as long as a limited search lasts. Takes what differs least.
    BlockSolution solve(const BlockSamples& samples, int16_t* coefficients) const;

    // Only rounded.
    int round(const BlockSamples& samples, int16_t* coefficients) const;

  private:
    QuantTable quant_;
    std::array<float, kBlockSize> step_, inverse_step_;
};

}  // namespace residua::codec
