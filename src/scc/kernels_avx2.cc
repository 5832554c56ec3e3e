#include "simd/avx2.h"

#include "scc/kernels_lanes.h"

namespace residua::scc {

const Kernels kAvx2Kernels = avx2::kKernels;

}  // namespace residua::scc
