// Mixture and adaptation kernels for WebAssembly's vectors.
#include "simd/simd128.h"

#include "entropy/adaptation_vector.h"

namespace residua::entropy {

const MixtureKernels kMixtureSimd128 = {simd128::prepare,
                                        simd128::move_means,
                                        simd128::begin_shares<simd128::OfChannel>,
                                        simd128::intervals<simd128::OfChannel>,
                                        simd128::search<simd128::OfChannel>,
                                        simd128::begin_shares<simd128::OfEach>,
                                        simd128::intervals<simd128::OfEach>,
                                        simd128::search<simd128::OfEach>};
const AdaptationKernels kAdaptationSimd128 = {simd128::adapt, simd128::learn};

}  // namespace residua::entropy
