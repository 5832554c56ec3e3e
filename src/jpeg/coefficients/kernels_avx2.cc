#include "simd/avx2.h"

#include "jpeg/coefficients/kernels_lanes.h"

namespace residua::jpeg {

const Kernels kAvx2Kernels = avx2::kKernels;

}  // namespace residua::jpeg
