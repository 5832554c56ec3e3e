#include "simd/neon.h"

#include "scc/kernels_lanes.h"

namespace residua::scc {

const Kernels kNeonKernels = neon::kKernels;

}  // namespace residua::scc
