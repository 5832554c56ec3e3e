#include "nn/kernels.h"

namespace residua::nn {

const Kernels& kernels(Isa isa) {
    switch (isa) {
#ifdef RESIDUA_X86_KERNELS
        case Isa::kAvx512Vnni:
            return kAvx512VnniKernels;
        case Isa::kAvxVnni:
            return kAvxVnniKernels;
        case Isa::kAvx2:
            return kAvx2Kernels;
#endif
#ifdef RESIDUA_ARM_KERNELS
        case Isa::kNeonDot:
            return kNeonDotKernels;
        case Isa::kNeon:
            return kNeonKernels;
#endif
#ifdef RESIDUA_WASM_KERNELS
        case Isa::kSimd128:
            return kSimd128Kernels;
#endif
        default:
            return kScalarKernels;
    }
}

}  // namespace residua::nn
