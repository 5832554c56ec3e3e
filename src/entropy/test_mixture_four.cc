// The mixture's and the adaptation's kernels over four lanes of plain C++ (simd/test_four.h), as a processor
// with registers of 128 bits would have them: sixteen pixels are four registers.
#include "entropy/test_mixture_four.h"

#include "simd/test_four.h"

#include "entropy/adaptation_vector.h"

namespace residua::entropy {

const MixtureKernels kMixtureFour = {four::prepare,
                                     four::move_means,
                                     four::begin_shares<four::OfChannel>,
                                     four::intervals<four::OfChannel>,
                                     four::search<four::OfChannel>,
                                     four::begin_shares<four::OfEach>,
                                     four::intervals<four::OfEach>,
                                     four::search<four::OfEach>};
const AdaptationKernels kAdaptationFour = {four::adapt, four::learn};

}  // namespace residua::entropy
