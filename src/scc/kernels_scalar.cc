#include "simd/scalar.h"

#include "scc/kernels_lanes.h"

namespace residua::scc {

const Kernels kScalarKernels = scalar::kKernels;

}  // namespace residua::scc
