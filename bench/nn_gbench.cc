// GMAC/s of every kernel and instruction set beside a loop of nothing but
// multiply-adds on the same core, and of whole networks. Counters: gmacs
// (10^9 multiply-adds per second) and peak (share of that loop, per thread).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "nn_peak.h"
#include "nn_run.h"

namespace residua::nn {
namespace {

// A network and the size of its picture.
struct Part {
    Graph graph;
    int width, height;
};

// The parts one after the other.
void run_networks(benchmark::State& state, const std::vector<Part>& parts, Isa isa, int threads) {
    const double peak_rate = peak(isa);
    ThreadPool pool(threads);
    std::vector<std::unique_ptr<Run>> runs;
    double macs = 0, mebibytes = 0;
    for (const Part& part : parts) {
        runs.push_back(std::make_unique<Run>(part.graph, isa, part.width, part.height, pool));
        macs += multiply_adds_per_pixel(part.graph) * part.width * part.height;
        mebibytes = std::max(mebibytes, runs.back()->mebibytes());
    }
    for (auto _ : state)
        for (const auto& run : runs) (*run)();
    macs *= static_cast<double>(state.iterations());
    state.counters["gmacs"] = benchmark::Counter(macs / 1e9, benchmark::Counter::kIsRate);
    state.counters["peak"] = benchmark::Counter(macs / peak_rate, benchmark::Counter::kIsRate);
    state.counters["MiB"] = mebibytes;
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
        {"conv1x1/5->64", conv(5, 64, 1)},
        {"conv1x1/192->30", conv(192, 30, 1, 1, ElementKind::kI16)},
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
        benchmark::RegisterBenchmark((std::string(name) + "/" + isa_name(isa)).c_str(),
                                     [graph = graph, isa](benchmark::State& state) {
                                         run_networks(state, {{graph, 768, 96}}, isa, 1);
                                     })
            ->Unit(benchmark::kMillisecond)
            ->MeasureProcessCPUTime();
}

// All three predictors of L3C, as a decoder runs them.
std::vector<Part> l3c_predictors(int width, int height) {
    return {{l3c_predictor_graph({}, false, false), width / 4, height / 4},
            {l3c_predictor_graph({}, false, true), width / 2, height / 2},
            {l3c_predictor_graph({}, true, true), width, height}};
}

void register_network(const std::string& name, Isa isa, int width, int threads,
                      const std::vector<Part>& parts) {
    benchmark::RegisterBenchmark((name + "/" + isa_name(isa) + "/" + std::to_string(width) +
                                  " wide/threads:" + std::to_string(threads))
                                     .c_str(),
                                 [=](benchmark::State& state) { run_networks(state, parts, isa, threads); })
        ->Unit(benchmark::kMillisecond)
        ->MeasureProcessCPUTime();
}

void register_networks(Isa isa) {
    for (int threads : {1, 2})
        for (int width : {512, 4000}) {
            const int height = width == 512 ? 512 : 256;
            const auto add = [&](const char* name, const std::vector<Part>& parts) {
                register_network(name, isa, width, threads, parts);
            };
            add("rc-small", {{rc_graph(64, 8, false), width, height}});
            add("rc-paper", {{rc_graph(128, 16, true), width, height}});
            add("l3c-predictors", l3c_predictors(width, height));
            add("l3c-encoder", {{l3c_encoder_graph({}, 3), width, height}});
        }
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
    for (Isa isa : {Isa::kAvx512Vnni, Isa::kAvxVnni, Isa::kAvx2, Isa::kScalar}) {
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
