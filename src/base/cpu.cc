#include "base/cpu.h"

#include <cstdlib>
#include <string>

#include "base/error.h"

#if defined(RESIDUA_ARM_KERNELS) && !defined(__ARM_FEATURE_DOTPROD)
#if defined(__linux__)
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(_WIN32)
#include <windows.h>
#endif
#endif

#if defined(__x86_64__) && defined(RESIDUA_X86_KERNELS)
#include <cpuid.h>
#endif

namespace residua {

namespace {

#if defined(__x86_64__) && defined(RESIDUA_X86_KERNELS)
// Whether there are the dot products of AVX-VNNI. __builtin_cpu_supports of Clang 14 does not know them.
bool has_avx_vnni() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__builtin_cpu_supports("avx2") || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || a < 1) return false;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1) != 0;
}
#endif

#ifdef RESIDUA_ARM_KERNELS
// Whether there are the dot products of ARMv8.2 (FEAT_DotProd).
bool has_dot_product() {
#if defined(__ARM_FEATURE_DOTPROD)
    return true;
#elif defined(__linux__)
    constexpr unsigned long kHwcapAsimdDp = 1UL << 20;  // HWCAP_ASIMDDP, which older headers lack
    return (getauxval(AT_HWCAP) & kHwcapAsimdDp) != 0;
#elif defined(__APPLE__)
    int value = 0;
    size_t size = sizeof value;
    return sysctlbyname("hw.optional.arm.FEAT_DotProd", &value, &size, nullptr, 0) == 0 && value != 0;
#elif defined(_WIN32)
    constexpr DWORD kDotProduct = 43;  // PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE, which older headers lack
    return IsProcessorFeaturePresent(kDotProduct) != 0;
#else
    return false;
#endif
}
#endif

}  // namespace

bool isa_available(Isa isa) {
    switch (isa) {
        case Isa::kScalar:
            return true;
#if defined(__x86_64__) && defined(RESIDUA_X86_KERNELS)
        case Isa::kAvx2:
            return __builtin_cpu_supports("avx2");
        case Isa::kAvxVnni:
            return has_avx_vnni();
        case Isa::kAvx512Vnni:
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vnni");
#endif
#ifdef RESIDUA_ARM_KERNELS
        case Isa::kNeon:
            return true;  // every 64-bit Arm processor has it
        case Isa::kNeonDot:
            return has_dot_product();
#endif
#ifdef RESIDUA_WASM_KERNELS
        case Isa::kSimd128:
            return true;  // an engine that lacks it does not load the module
#endif
        default:
            return false;
    }
}

const char* isa_name(Isa isa) {
    switch (isa) {
        case Isa::kAvx2:
            return "avx2";
        case Isa::kAvxVnni:
            return "avxvnni";
        case Isa::kAvx512Vnni:
            return "avx512vnni";
        case Isa::kNeon:
            return "neon";
        case Isa::kNeonDot:
            return "neondot";
        case Isa::kSimd128:
            return "simd128";
        default:
            return "scalar";
    }
}

namespace {

std::string available_names() {
    std::string names;
    for (Isa isa : kAllIsas)
        if (isa_available(isa)) names += (names.empty() ? "" : " or ") + std::string(isa_name(isa));
    return names;
}

Isa choose() {
    const char* wanted = std::getenv("RESIDUA_CPU");
    if (!wanted || !*wanted) {
        Isa best = Isa::kScalar;
        for (Isa isa : kAllIsas)
            if (isa_available(isa)) best = isa;
        return best;
    }
    for (Isa isa : kAllIsas) {
        if (std::string(wanted) != isa_name(isa)) continue;
        if (!isa_available(isa))
            throw Error(ErrorCode::kUnsupported,
                        std::string("RESIDUA_CPU asks for ") + wanted + ", which this processor lacks");
        return isa;
    }
    throw Error(ErrorCode::kUnsupported,
                "RESIDUA_CPU must be " + available_names() + " here, not '" + wanted + "'");
}

}  // namespace

Isa active_isa() {
    static const Isa isa = choose();
    return isa;
}

}  // namespace residua
