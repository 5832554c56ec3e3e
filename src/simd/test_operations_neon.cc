#include "simd/neon.h"
#include "simd/test_operations.h"

namespace residua::simd {

const TestRun kRunNeon = neon::run;

}  // namespace residua::simd
