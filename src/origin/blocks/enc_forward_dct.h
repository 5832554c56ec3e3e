// The forward DCT that JPEG's inverse undoes: orthonormal, two-dimensional, of blocks of 8×8.
#pragma once

namespace residua::codec {

// values: [8·y + x]; frequencies: [8·v + u]. May be the same memory. DC is 8 times the mean.
void forward_dct(const float* values, float* frequencies);

// Only along one axis: eight transforms side by side, in[8·position + lane] to out[8·frequency + lane].
void forward_dct_lanes(const float* in, float* out);

// [64·(8·v + u) + 8·y + x]: the picture of a frequency, of norm 1.
const float* dct_basis();

}  // namespace residua::codec
