#include "simd/avx512.h"
#include "simd/test_operations.h"

namespace residua::simd {

const TestRun kRunAvx512 = avx512::run;

}  // namespace residua::simd
