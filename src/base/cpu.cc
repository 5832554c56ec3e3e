#include "base/cpu.h"

#include <cstdlib>
#include <string>

#include "base/error.h"

namespace residua {

bool isa_available(Isa isa) {
    switch (isa) {
        case Isa::kScalar:
            return true;
#if defined(__x86_64__) && defined(RESIDUA_X86_KERNELS)
        case Isa::kAvx2:
            return __builtin_cpu_supports("avx2");
        case Isa::kAvx512Vnni:
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vnni");
#endif
        default:
            return false;
    }
}

const char* isa_name(Isa isa) {
    switch (isa) {
        case Isa::kAvx2:
            return "avx2";
        case Isa::kAvx512Vnni:
            return "avx512vnni";
        default:
            return "scalar";
    }
}

namespace {

Isa choose() {
    const char* wanted = std::getenv("RESIDUA_CPU");
    if (!wanted || !*wanted) {
        for (Isa isa : {Isa::kAvx512Vnni, Isa::kAvx2})
            if (isa_available(isa)) return isa;
        return Isa::kScalar;
    }
    for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni}) {
        if (std::string(wanted) != isa_name(isa)) continue;
        if (!isa_available(isa))
            throw Error(ErrorCode::kUnsupported,
                        std::string("RESIDUA_CPU asks for ") + wanted + ", which this processor lacks");
        return isa;
    }
    throw Error(ErrorCode::kUnsupported,
                std::string("RESIDUA_CPU must be scalar, avx2 or avx512vnni, not '") + wanted + "'");
}

}  // namespace

Isa active_isa() {
    static const Isa isa = choose();
    return isa;
}

}  // namespace residua
