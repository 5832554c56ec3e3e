#include "olm/kernels.h"
#include "olm/predictor_lanes.h"

namespace residua::olm {

const Kernels kAvx512Kernels = {predict<16>, update<16>};

}  // namespace residua::olm
