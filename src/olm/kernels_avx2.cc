#include "olm/kernels.h"
#include "olm/predictor_lanes.h"

namespace residua::olm {

const Kernels kAvx2Kernels = {predict<8>, update<8>};

}  // namespace residua::olm
