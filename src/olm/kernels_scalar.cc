#include "simd/scalar.h"

#include "olm/kernels.h"
#include "olm/predictor_lanes.h"

namespace residua::olm {

const Kernels kScalarKernels = {scalar::predict, scalar::update};

}  // namespace residua::olm
