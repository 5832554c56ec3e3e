#include "olm/kernels.h"

namespace residua::olm {

const Kernels& kernels(Isa isa) {
#if defined(RESIDUA_X86_KERNELS)
    if (isa == Isa::kAvx512Vnni) return kAvx512Kernels;
    if (isa == Isa::kAvx2) return kAvx2Kernels;
#endif
    (void)isa;
    return kScalarKernels;
}

}  // namespace residua::olm
