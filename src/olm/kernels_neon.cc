#include "simd/neon.h"

#include "olm/kernels.h"
#include "olm/predictor_lanes.h"

namespace residua::olm {

const Kernels kNeonKernels = {neon::predict, neon::update};

}  // namespace residua::olm
