#include "simd/simd128.h"

#include "scc/kernels_lanes.h"

namespace residua::scc {

const Kernels kSimd128Kernels = simd128::kKernels;

}  // namespace residua::scc
