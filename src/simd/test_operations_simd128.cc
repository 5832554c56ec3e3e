#include "simd/simd128.h"
#include "simd/test_operations.h"

namespace residua::simd {

const TestRun kRunSimd128 = simd128::run;

}  // namespace residua::simd
