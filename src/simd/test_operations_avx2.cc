#include "simd/avx2.h"
#include "simd/test_operations.h"

namespace residua::simd {

const TestRun kRunAvx2 = avx2::run;

}  // namespace residua::simd
