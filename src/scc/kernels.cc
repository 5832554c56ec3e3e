#include "scc/kernels.h"

namespace residua::scc {

// A decision's contexts fill registers of eight lanes: processors with wider ones use the same kernels.
const Kernels& kernels(Isa isa) {
#if defined(RESIDUA_X86_KERNELS)
    if (isa != Isa::kScalar) return kAvx2Kernels;
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

}  // namespace residua::scc
