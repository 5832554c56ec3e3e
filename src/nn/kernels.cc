#include "nn/kernels.h"

namespace residua::nn {

const Kernels& kernels(Isa isa) {
    switch (isa) {
#ifdef RESIDUA_X86_KERNELS
        case Isa::kAvx512Vnni:
            return kAvx512VnniKernels;
        case Isa::kAvx2:
            return kAvx2Kernels;
#endif
        default:
            return kScalarKernels;
    }
}

}  // namespace residua::nn
