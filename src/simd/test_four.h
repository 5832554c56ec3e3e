// Four lanes in plain C++, as many as NEON, SSE4.1 and WebAssembly have: shows that the algorithms written
// over src/simd work there, too.
#pragma once

#define RESIDUA_SIMD four

namespace residua::simd::four {
constexpr int kNative = 4;
}

#include "simd/plain.h"
