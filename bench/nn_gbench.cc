// GMAC/s of every kernel and instruction set beside a loop of nothing but multiply-adds on the same core, and
// of whole networks. Counters: gmacs (10^9 multiply-adds per second) and peak (share of that loop, per
// thread).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "nn/executor.h"
#include "nn/test_graphs.h"

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

// Multiply-adds per second of the pure loop, the best of some short runs.
double peak(Isa isa) {
    static std::map<Isa, double> known;
    if (known.count(isa)) return known[isa];
    std::function<void()> loop = scalar_loop;
    double per_instruction = 1;
#ifdef RESIDUA_X86_KERNELS
    if (isa == Isa::kAvx2) loop = avx2_loop, per_instruction = 16;
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

void run_network(benchmark::State& state, const Graph& graph, Isa isa, int width, int height, int threads) {
    const double peak_rate = peak(isa);
    const Network network(graph, isa);
    Allocator allocator;
    ThreadPool pool(threads);
    Executor executor(network, width, height, allocator, pool);
    int channels = 0;
    for (const Node& node : graph.nodes)
        if (const auto* input = std::get_if<Input>(&node.layer)) channels = input->channels;
    Random random(1);
    std::vector<uint8_t> row(static_cast<size_t>(width * channels));
    for (uint8_t& byte : row) byte = static_cast<uint8_t>(random());
    const auto read = [&](int, uint8_t* to) { std::copy(row.begin(), row.end(), to); };
    int64_t sum = 0;
    for (auto _ : state)
        executor.run(read,
                     [&](const Executor::OutputRows& rows) { sum += rows.bytes(0, rows.first_row)[0]; });
    benchmark::DoNotOptimize(sum);
    const double macs =
        multiply_adds_per_pixel(graph) * width * height * static_cast<double>(state.iterations());
    state.counters["gmacs"] = benchmark::Counter(macs / 1e9, benchmark::Counter::kIsRate);
    state.counters["peak"] = benchmark::Counter(macs / peak_rate, benchmark::Counter::kIsRate);
    state.counters["MiB"] = static_cast<double>(allocator.peak()) / (1 << 20);
}

// Just the layer: its input is given by the caller.
Graph layer_graph(int channels, ElementKind kind, Layer layer) {
    Graph graph;
    graph.align = 2;
    const int input = graph.add(Input{channels, kind, 0});
    graph.outputs.push_back({"out", graph.add(std::move(layer), {input})});
    return graph;
}

void register_layers(Isa isa) {
    Random random(1);
    const auto conv = [&](int in, int out, int kernel, int stride = 1, ElementKind kind = ElementKind::kQ8) {
        Convolution layer = random_convolution(random, in, out, kernel, kind);
        layer.stride = stride;
        return layer_graph(in, ElementKind::kQ8, layer);
    };
    const std::pair<const char*, Graph> graphs[] = {
        {"conv3x3/3->64", conv(3, 64, 3)},
        {"conv3x3/64->64", conv(64, 64, 3)},
        {"conv3x3/128->128", conv(128, 128, 3)},
        {"conv3x3/128->64", conv(128, 64, 3)},
        {"conv3x3_stride2/64->64", conv(64, 64, 3, 2)},
        {"conv5x5/64->64", conv(64, 64, 5)},
        {"conv1x1/64->60", conv(64, 60, 1, 1, ElementKind::kI16)},
        {"conv1x1/64->15", conv(64, 15, 1, 1, ElementKind::kI16)},
        {"transposed4x4/64->64",
         layer_graph(64, ElementKind::kQ8, random_transposed(random, 64, 64, ElementKind::kQ8))},
        {"gdn/64",
         layer_graph(64, ElementKind::kQ8, random_gdn(random, 64, ElementKind::kU8, Activation::kRelu))},
        {"gdn/128",
         layer_graph(128, ElementKind::kQ8, random_gdn(random, 128, ElementKind::kU8, Activation::kRelu))},
    };
    for (const auto& [name, graph] : graphs)
        benchmark::RegisterBenchmark(
            (std::string(name) + "/" + isa_name(isa)).c_str(),
            [graph = graph, isa](benchmark::State& state) { run_network(state, graph, isa, 768, 64, 1); })
            ->Unit(benchmark::kMillisecond)
            ->MeasureProcessCPUTime();
}

void register_networks(Isa isa) {
    const std::pair<const char*, Graph> graphs[] = {{"rc-small", rc_graph(64, 8, false)},
                                                    {"rc-paper", rc_graph(128, 16, true)}};
    for (const auto& [name, graph] : graphs)
        for (int threads : {1, 2})
            for (int width : {512, 4000})
                benchmark::RegisterBenchmark(
                    (std::string(name) + "/" + isa_name(isa) + "/" + std::to_string(width) +
                     " wide/threads:" + std::to_string(threads))
                        .c_str(),
                    [graph = graph, isa, width, threads](benchmark::State& state) {
                        run_network(state, graph, isa, width, width == 512 ? 512 : 256, threads);
                    })
                    ->Unit(benchmark::kMillisecond)
                    ->MeasureProcessCPUTime();
}

void register_peak(Isa isa) {
    benchmark::RegisterBenchmark((std::string("multiply-adds only/") + isa_name(isa)).c_str(),
                                 [isa](benchmark::State& state) {
                                     for (auto _ : state) benchmark::DoNotOptimize(peak(isa));
                                     state.counters["gmacs"] = peak(isa) / 1e9;
                                 })
        ->Iterations(1);
}

const bool kRegistered = [] {
    for (Isa isa : {Isa::kAvx512Vnni, Isa::kAvx2, Isa::kScalar}) {
        if (!isa_available(isa)) continue;
        register_peak(isa);
        register_layers(isa);
        // The scalar kernels are there to be read.
        if (isa != Isa::kScalar) register_networks(isa);
    }
    return true;
}();

}  // namespace
}  // namespace residua::nn
