#include "simd/scalar.h"

#include "jpeg/coefficients/kernels_lanes.h"

namespace residua::jpeg {

const Kernels kScalarKernels = scalar::kKernels;

}  // namespace residua::jpeg
