// Which instruction set the kernels may use.
#pragma once

namespace residua {

enum class Isa {
    kScalar = 0,
    kAvx2 = 1,
    kAvx512Vnni = 2,
    kNeon = 3,
    kNeonDot = 4,
    kSimd128 = 5,
    kAvxVnni = 6
};

// All of them, of every kind of processor: the specification first, and of one kind the better ones later.
inline constexpr Isa kAllIsas[] = {Isa::kScalar, Isa::kAvx2,    Isa::kAvxVnni, Isa::kAvx512Vnni,
                                   Isa::kNeon,   Isa::kNeonDot, Isa::kSimd128};

// Whether AVX2's kernels are the set's own where it has no other ones.
inline constexpr bool like_avx2(Isa isa) { return isa == Isa::kAvx2 || isa == Isa::kAvxVnni; }

// The best that this processor and this build have, or what RESIDUA_CPU asks for by its name (read once).
// Throws kUnsupported when the variable holds another word or asks for what the processor lacks.
Isa active_isa();

// What this processor and build can run, ignoring RESIDUA_CPU. For tests that compare kernels.
bool isa_available(Isa isa);

const char* isa_name(Isa isa);  // "scalar", "avx2", "avxvnni", …: as RESIDUA_CPU has it

}  // namespace residua
