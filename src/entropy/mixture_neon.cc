// Mixture and adaptation kernels for NEON.
#include "simd/neon.h"

#include "entropy/adaptation_vector.h"

namespace residua::entropy {

const MixtureKernels kMixtureNeon = {neon::prepare,
                                     neon::move_means,
                                     neon::begin_shares<neon::OfChannel>,
                                     neon::intervals<neon::OfChannel>,
                                     neon::search<neon::OfChannel>,
                                     neon::begin_shares<neon::OfEach>,
                                     neon::intervals<neon::OfEach>,
                                     neon::search<neon::OfEach>};
const AdaptationKernels kAdaptationNeon = {neon::adapt, neon::learn};

}  // namespace residua::entropy
