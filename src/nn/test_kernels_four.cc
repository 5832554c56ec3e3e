// The kernels over four lanes of plain C++ (simd/test_four.h), as a processor with registers of 128 bits
// would have them; its convolution is the scalar one.
#include "nn/test_kernels_four.h"

#include "simd/test_four.h"

#include "nn/pointwise_vector.h"
#include "nn/winograd_vector.h"

namespace residua::nn {

Kernels four_kernels() {
    return {kScalarKernels.packed_bytes,
            kScalarKernels.pack_weights,
            kScalarKernels.scratch_bytes,
            kScalarKernels.convolve,
            four::requantise,
            four::add,
            four::square,
            four::normalise,
            four::shuffle,
            four::winograd_bytes,
            four::pack_winograd,
            four::winograd_scratch_bytes,
            four::convolve_winograd};
}

}  // namespace residua::nn
