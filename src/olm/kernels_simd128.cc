#include "simd/simd128.h"

#include "olm/kernels.h"
#include "olm/predictor_lanes.h"

namespace residua::olm {

const Kernels kSimd128Kernels = {simd128::predict, simd128::update};

}  // namespace residua::olm
