#include "simd/neon.h"

#include "jpeg/coefficients/kernels_lanes.h"

namespace residua::jpeg {

const Kernels kNeonKernels = neon::kKernels;

}  // namespace residua::jpeg
