#include "nn_peak.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <map>

namespace residua::nn {

namespace {

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

constexpr int kChains = 12;  // enough independent sums to hide the latency
constexpr int kRounds = 400000;

#ifdef RESIDUA_X86_KERNELS
// In assembly, so that the sums certainly stay in registers. What they hold does not matter.
#define RESIDUA_TWELVE_TIMES(instructions) ".irp n,0,1,2,3,4,5,6,7,8,9,10,11\n\t" instructions "\n\t.endr"
#define RESIDUA_VECTOR_REGISTERS                                                                      \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
        "xmm12", "xmm13", "xmm14"

void avx512_loop() {
    for (int round = 0; round < kRounds; ++round)
        asm volatile(RESIDUA_TWELVE_TIMES("vpdpbusd %%zmm12, %%zmm13, %%zmm\\n")::: RESIDUA_VECTOR_REGISTERS);
}
void avx_vnni_loop() {
    for (int round = 0; round < kRounds; ++round)
        asm volatile(RESIDUA_TWELVE_TIMES("%{vex%} vpdpbusd %%ymm12, %%ymm13, %%ymm\\n")::
                         : RESIDUA_VECTOR_REGISTERS);
}
void avx2_loop() {
    for (int round = 0; round < kRounds; ++round)
        asm volatile(RESIDUA_TWELVE_TIMES("vpmaddwd %%ymm12, %%ymm13, %%ymm14\n\t"
                                          "vpaddd %%ymm14, %%ymm\\n, %%ymm\\n")::
                         : RESIDUA_VECTOR_REGISTERS);
}
#endif
void scalar_loop() {
    int32_t sums[kChains] = {};
    int32_t a = 77, b = 55;
    for (int round = 0; round < kRounds; ++round) {
        for (int32_t& sum : sums) {
            asm volatile("" : "+r"(a), "+r"(b));
            sum += a * b;
        }
    }
    benchmark::DoNotOptimize(sums);
}

}  // namespace

double peak(Isa isa) {
    static std::map<Isa, double> known;
    if (known.count(isa)) return known[isa];
    std::function<void()> loop = scalar_loop;
    double per_instruction = 1;
#ifdef RESIDUA_X86_KERNELS
    if (isa == Isa::kAvx2) loop = avx2_loop, per_instruction = 16;
    if (isa == Isa::kAvxVnni) loop = avx_vnni_loop, per_instruction = 32;
    if (isa == Isa::kAvx512Vnni) loop = avx512_loop, per_instruction = 64;
#endif
    double best = 0;
    for (int run = 0; run < 20; ++run) {
        const double start = processor_seconds();
        loop();
        best = std::max(best, per_instruction * kChains * kRounds / (processor_seconds() - start));
    }
    return known[isa] = best;
}

}  // namespace residua::nn
