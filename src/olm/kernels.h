// The experts' arithmetic for one instruction set. All give the same bits; kernels_scalar.cc is the
// specification. Only plain data here: files compiled for an instruction set include it.
#pragma once

#include "base/cpu.h"
#include "olm/plane_state.h"

namespace residua::olm {

struct Kernels {
    // Fills expert, centre, scale and the head's inputs for step t, from active and mask.
    void (*predict)(PlaneState&, int t);
    // Learns the step's symbols; symbols: 64-byte aligned,
    // of lanes without a pixel what their place is to hold.
    void (*update)(PlaneState&, int t, const float* symbols);
};

const Kernels& kernels(Isa isa);  // isa must be available

extern const Kernels kScalarKernels;
extern const Kernels kAvx2Kernels;     // defined when RESIDUA_X86_KERNELS is
extern const Kernels kAvx512Kernels;   // likewise
extern const Kernels kNeonKernels;     // defined when RESIDUA_ARM_KERNELS is
extern const Kernels kSimd128Kernels;  // defined when RESIDUA_WASM_KERNELS is

// Bytes that the head reads for a pixel of a plane, a multiple of 4; the rest are 0.
constexpr int head_inputs(int plane, int solvers) { return (38 + 3 * solvers + 13 * plane + 3) / 4 * 4; }

}  // namespace residua::olm
