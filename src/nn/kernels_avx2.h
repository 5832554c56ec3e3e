// What kernels_avx2.cc takes from pointwise_avx2.cc.
#pragma once

#include "nn/kernels.h"

namespace residua::nn {

void avx2_requantise(const RequantiseArgs& args);
void avx2_add(const AddArgs& args);
void avx2_square(const uint8_t* x, uint8_t* q, size_t count);
void avx2_normalise(const NormaliseArgs& args);
void avx2_shuffle(const ShuffleArgs& args);

}  // namespace residua::nn
