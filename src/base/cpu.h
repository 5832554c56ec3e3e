// Which instruction set the kernels may use.
#pragma once

namespace residua {

enum class Isa { kScalar = 0, kAvx2 = 1, kAvx512Vnni = 2 };

// The best that this processor and this build have, or what RESIDUA_CPU=scalar|avx2|avx512vnni asks for (read
// once). Throws kUnsupported when the variable holds another word or asks for what the processor lacks.
Isa active_isa();

// What this processor and build can run, ignoring RESIDUA_CPU. For tests that compare kernels.
bool isa_available(Isa isa);

const char* isa_name(Isa isa);  // "scalar", "avx2", "avx512vnni"

}  // namespace residua
