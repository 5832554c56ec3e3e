// What the coder's ordinary code and its kernels for each instruction set share.
#pragma once

#include "jpeg/coefficients/kernels.h"
#include "scc/model.h"

namespace residua::scc {

// Rows of a tile, from work.first_row to work.end_row, by effort. All give the same bits; kernels_scalar.cc is the specification.
struct Kernels {
    void (*begin_write)(jpeg::WordSink&, Work&);
    void (*write[kEfforts])(jpeg::WordSink&, const jpeg::Tables&, Work&);
    void (*end_write)(jpeg::WordSink&, Work&);
    void (*begin_read)(jpeg::WordSource&, Work&);
    void (*read[kEfforts])(jpeg::WordSource&, const jpeg::Tables&, Work&);
    void (*read_noted[kEfforts])(jpeg::WordSource&, const jpeg::Tables&, Work&);  // with work.lengths
};

const Kernels& kernels(Isa isa);  // isa must be available

extern const Kernels kScalarKernels;
extern const Kernels kAvx2Kernels;     // defined when RESIDUA_X86_KERNELS is
extern const Kernels kNeonKernels;     // defined when RESIDUA_ARM_KERNELS is
extern const Kernels kSimd128Kernels;  // defined when RESIDUA_WASM_KERNELS is

}  // namespace residua::scc
