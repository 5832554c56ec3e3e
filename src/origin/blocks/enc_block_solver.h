// Quantised coefficients whose inverse DCT makes given samples.
#pragma once

#include <array>
#include <cstdint>

#include "origin/blocks/enc_block_completion.h"
#include "origin/blocks/enc_block_samples.h"
#include "planes/dct_plane.h"

namespace residua::codec {

// For several threads at once.
class BlockSolver {
  public:
    BlockSolver(const QuantTable& quant, const CoefficientEnergies& energies);

    // Rounds the forward DCT; where that is not it, changes one coefficient by one step at a time, as long as
    // a limited search lasts. Starts anew from a completion where samples are unknown. Takes what differs in
    // the fewest samples, and returns how many these are.
    int solve(const BlockSamples& samples, int16_t* coefficients) const;

    // Whether the rounded forward DCT is it already. All samples must be known.
    bool is_rounded(const BlockSamples& samples) const;

  private:
    QuantTable quant_;
    CoefficientEnergies energies_;
    std::array<float, kBlockSize> step_, inverse_step_;
};

}  // namespace residua::codec
