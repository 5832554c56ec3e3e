// Mixture and adaptation kernels for AVX2.
#include "simd/avx2.h"

#include "entropy/adaptation_vector.h"

namespace residua::entropy {

const MixtureKernels kMixtureAvx2 = {avx2::prepare,
                                     avx2::move_means,
                                     avx2::begin_shares<avx2::OfChannel>,
                                     avx2::intervals<avx2::OfChannel>,
                                     avx2::search<avx2::OfChannel>,
                                     avx2::begin_shares<avx2::OfEach>,
                                     avx2::intervals<avx2::OfEach>,
                                     avx2::search<avx2::OfEach>};
const AdaptationKernels kAdaptationAvx2 = {avx2::adapt, avx2::learn};

}  // namespace residua::entropy
