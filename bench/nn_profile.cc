// Where the time of L3C's networks goes: each group of layers that are computed together, with its share of
// the time and of the pure multiply-add loop.
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "nn_peak.h"
#include "nn_run.h"

namespace residua::nn {
namespace {

std::string describe(const Network& network, int node) {
    const Node& what = network.graph().nodes[static_cast<size_t>(node)];
    const char* const names[] = {"input", "conv",   "transposed", "pixel_shuffle",
                                 "add",   "concat", "gdn",        "requantise"};
    std::ostringstream text;
    text << names[what.layer.index()];
    if (const auto* conv = std::get_if<Convolution>(&what.layer)) {
        text << conv->kernel << 'x' << conv->kernel << ' ' << network.type(what.inputs[0]).channels << "->"
             << network.type(node).channels;
        if (conv->stride > 1) text << " stride " << conv->stride;
        if (conv->dilation > 1) text << " dilation " << conv->dilation;
    }
    return text.str();
}

// Layers that are computed together; the same layer several times in a row is named once.
std::string describe(const Network& network, const Group& group) {
    std::string text, last;
    for (int node = group.first; node < group.end; ++node) {
        const std::string name = describe(network, node);
        if (name == last) continue;
        if (node > group.first) text += ", ";
        text += last = name;
    }
    return text;
}

struct GroupTime {
    double seconds = 0, macs = 0, share = 0;
};

double processor_seconds() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// One core's time in all groups with the same layers: the sum over all bands of rows of the best of some
// runs, which another process on the same core disturbs little.
std::map<std::string, GroupTime> profile(const Graph& graph, Isa isa, int width, int height) {
    ThreadPool pool(1);
    Run run(graph, isa, width, height, pool);
    const std::vector<Group>& groups = run.network().groups();
    std::vector<double> bands;
    for (int round = 0; round < 15; ++round) {
        size_t band = 0;
        double last = processor_seconds();
        run.executor().observe([&](const Group&) {
            const double now = processor_seconds();
            if (round == 0) bands.push_back(now - last);
            bands[band] = std::min(bands[band], now - last);
            ++band;
            last = processor_seconds();
        });
        run();
    }
    std::vector<double> best(groups.size());
    for (size_t band = 0; band < bands.size(); ++band) best[band % groups.size()] += bands[band];
    const std::vector<double> macs = multiply_adds_of_nodes(graph);
    const double pixels = static_cast<double>(width) * height;
    const double total = std::accumulate(best.begin(), best.end(), 0.0);
    std::map<std::string, GroupTime> times;
    for (size_t i = 0; i < best.size(); ++i) {
        GroupTime& time = times[describe(run.network(), groups[i])];
        time.seconds += best[i];
        time.share += best[i] / total;
        for (int node = groups[i].first; node < groups[i].end; ++node)
            time.macs += macs[static_cast<size_t>(node)] * pixels;
    }
    return times;
}

// The layers of L3C's networks where they are: with what the layers before them left in the caches.
void register_profiles(Isa isa) {
    const std::pair<const char*, Graph> graphs[] = {{"l3c-predictor", l3c_predictor_graph({}, true, true)},
                                                    {"l3c-encoder", l3c_encoder_graph({}, 3)}};
    for (const auto& [name, graph] : graphs) {
        const auto layers = std::make_shared<std::map<std::string, GroupTime>>();
        const Network network(graph, isa);
        std::set<std::string> names;
        for (const Group& group : network.groups()) names.insert(describe(network, group));
        for (const std::string& layer : names)
            benchmark::RegisterBenchmark((std::string(name) + "/" + isa_name(isa) + "/" + layer).c_str(),
                                         [=, graph = graph](benchmark::State& state) {
                                             if (layers->empty()) *layers = profile(graph, isa, 512, 512);
                                             const GroupTime& time = layers->at(layer);
                                             for (auto _ : state) state.SetIterationTime(time.seconds);
                                             state.counters["share"] = time.share;
                                             if (time.macs > 0)
                                                 state.counters["peak"] =
                                                     time.macs / time.seconds / peak(isa);
                                         })
                ->Unit(benchmark::kMillisecond)
                ->Iterations(1)
                ->UseManualTime();
    }
}

const bool kRegistered = [] {
    for (Isa isa : {Isa::kAvx512Vnni, Isa::kAvxVnni, Isa::kAvx2})
        if (isa_available(isa)) register_profiles(isa);
    return true;
}();

}  // namespace
}  // namespace residua::nn
