#include "simd/avx512.h"

#include "olm/kernels.h"
#include "olm/predictor_lanes.h"

namespace residua::olm {

const Kernels kAvx512Kernels = {avx512::predict, avx512::update};

}  // namespace residua::olm
