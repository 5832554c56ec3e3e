// Mixture and adaptation kernels for AVX-512.
#include "simd/avx512.h"

#include "entropy/adaptation_vector.h"

namespace residua::entropy {

const MixtureKernels kMixtureAvx512 = {avx512::prepare,
                                       avx512::move_means,
                                       avx512::begin_shares<avx512::OfChannel>,
                                       avx512::intervals<avx512::OfChannel>,
                                       avx512::search<avx512::OfChannel>,
                                       avx512::begin_shares<avx512::OfEach>,
                                       avx512::intervals<avx512::OfEach>,
                                       avx512::search<avx512::OfEach>};
const AdaptationKernels kAdaptationAvx512 = {avx512::adapt, avx512::learn};

}  // namespace residua::entropy
