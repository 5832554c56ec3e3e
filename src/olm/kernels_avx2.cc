#include "simd/avx2.h"

#include "olm/kernels.h"
#include "olm/predictor_lanes.h"

namespace residua::olm {

const Kernels kAvx2Kernels = {avx2::predict, avx2::update};

}  // namespace residua::olm
