// One lane: plain C++ for any processor.
#pragma once

#define RESIDUA_SIMD scalar

namespace residua::simd::scalar {
constexpr int kNative = 1;  // lanes of 32 bits in a register
}

#include "simd/plain.h"
