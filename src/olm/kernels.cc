#include "olm/kernels.h"

namespace residua::olm {

const Kernels& kernels(Isa isa) {
#if defined(RESIDUA_X86_KERNELS)
    if (isa == Isa::kAvx512Vnni) return kAvx512Kernels;
    if (like_avx2(isa)) return kAvx2Kernels;
#endif
#if defined(RESIDUA_ARM_KERNELS)
    if (isa != Isa::kScalar) return kNeonKernels;
#endif
#if defined(RESIDUA_WASM_KERNELS)
    if (isa != Isa::kScalar) return kSimd128Kernels;
#endif
    (void)isa;
    return kScalarKernels;
}

}  // namespace residua::olm
