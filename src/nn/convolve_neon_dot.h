// The convolution for NEON with dot products. convolve_neon_dot.cc is compiled for processors that have them;
// kernels_neon.cc, which is not, puts it into their table.
#pragma once

#include "nn/kernels.h"

namespace residua::nn::neon_dot {

void pack_weights(const int8_t* weights, int out_channels, int inputs, uint8_t* packed);
void convolve(const ConvolveArgs&);

}  // namespace residua::nn::neon_dot
