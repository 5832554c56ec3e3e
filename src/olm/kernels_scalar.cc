#include "olm/kernels.h"
#include "olm/predictor_lanes.h"

namespace residua::olm {

const Kernels kScalarKernels = {predict<1>, update<1>};

}  // namespace residua::olm
