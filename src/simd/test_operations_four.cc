#include "simd/test_four.h"
#include "simd/test_operations.h"

namespace residua::simd {

const TestRun kRunFour = four::run;

}  // namespace residua::simd
