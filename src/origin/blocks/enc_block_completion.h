// Quantised coefficients of a block of which only some samples are known.
#pragma once

#include <array>
#include <cstdint>

#include "origin/blocks/enc_block_samples.h"
#include "planes/dct_plane.h"

namespace residua::codec {

// Mean squares of coefficients, [8·v + u].
using CoefficientEnergies = std::array<float, kBlockSize>;

// Decides one coefficient after the other, the one that is least in doubt first: a Gaussian over all 64 of
// them, with these variances, is conditioned on the samples that are known exactly, then on each coefficient
// that was rounded to a multiple of its step.
void complete_block(const BlockSamples& samples, const QuantTable& quant, const CoefficientEnergies& energies,
                    int16_t* coefficients);

}  // namespace residua::codec
