// What kernels_avx512.cc takes from pointwise_avx512.cc.
#pragma once

#include "nn/kernels.h"

namespace residua::nn {

void avx512_requantise(const RequantiseArgs& args);
void avx512_add(const AddArgs& args);
void avx512_square(const uint8_t* x, uint8_t* q, size_t count);
void avx512_normalise(const NormaliseArgs& args);
void avx512_shuffle(const ShuffleArgs& args);

}  // namespace residua::nn
