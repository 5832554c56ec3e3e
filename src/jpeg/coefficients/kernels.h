// What the coder's ordinary code and its kernels for each instruction set share: plain data only. Files compiled
// for an instruction set include it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"
#include "jpeg/coefficients/model.h"

namespace residua::jpeg {

// Where a writer puts its bytes. grow() is called when `at` has reached `end`, and moves all three; it keeps what
// was written. There is room for four bytes at each step.
struct WordSink {
    uint8_t* begin = nullptr;
    uint8_t* at = nullptr;
    uint8_t* end = nullptr;
    void (*grow)(WordSink&) = nullptr;
    void* owner = nullptr;
};

// What a reader was given, and how far it came.
struct WordSource {
    const uint8_t* at = nullptr;
    const uint8_t* end = nullptr;
    uint32_t missing = 0;  // bytes beyond the end that were taken for zeros
};

// A part of a stream of the light coder as its reader leaves it: as above, and how many bits it took and did not use.
struct LightEnd {
    const uint8_t* at = nullptr;
    uint32_t missing = 0;
    int unused = 0;
};
inline constexpr int kLightParts = 3;  // symbols, bits, digits

template <class Coefficient>
struct LightWork;

// All give the same bits; kernels_scalar.cc is the specification. By effort.
struct Kernels {
    void (*write_ac[kEfforts])(WordSink&, const Tables&, const BandWork<const int16_t>&);
    void (*read_ac[kEfforts])(WordSource&, const Tables&, const BandWork<int16_t>&);
    void (*write_dc)(WordSink&, const Tables&, const DcWork<const int16_t>&);
    void (*read_dc)(WordSource&, const Tables&, const DcWork<int16_t>&);
    // Light: kLightParts of each.
    void (*write_light_ac)(WordSink* const*, const LightWork<const int16_t>&);
    void (*read_light_ac)(const WordSource*, LightEnd*, const LightWork<int16_t>&);
    void (*write_light_dc)(WordSink* const*, const DcWork<const int16_t>&);
    void (*read_light_dc)(const WordSource*, LightEnd*, const DcWork<int16_t>&);
};

const Kernels& kernels(Isa isa);  // isa must be available

extern const Kernels kScalarKernels;
extern const Kernels kAvx2Kernels;     // defined when RESIDUA_X86_KERNELS is
extern const Kernels kNeonKernels;     // defined when RESIDUA_ARM_KERNELS is
extern const Kernels kSimd128Kernels;  // defined when RESIDUA_WASM_KERNELS is

}  // namespace residua::jpeg
