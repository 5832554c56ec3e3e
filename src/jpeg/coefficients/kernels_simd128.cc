#include "simd/simd128.h"

#include "jpeg/coefficients/kernels_lanes.h"

namespace residua::jpeg {

const Kernels kSimd128Kernels = simd128::kKernels;

}  // namespace residua::jpeg
