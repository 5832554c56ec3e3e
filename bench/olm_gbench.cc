// OLM on one core: a 512×512 picture of three planes, with the released model of each effort that is built
// in, per instruction set. `experts` are the least squares and all that the head is told of them; `head` is
// its network alone; `encode` and `decode` are a whole tile, mixture and rANS included. Counters are
// nanoseconds of the thread's own processor time for each sample.
#include <benchmark/benchmark.h>

#include <string>

#include "entropy/enc_rans.h"
#include "models/registry.h"
#include "olm/kernels.h"
#include "olm/test_tiles.h"
#include "stages/methods.h"
#include "stages/olm/model.h"

namespace residua::olm {
namespace {

constexpr int kSide = 512;
constexpr size_t kSamples = size_t{kSide} * kSide * kPlanes;
constexpr const char* kParts[] = {"experts", "head", "encode", "decode"};

const TestPlanes& picture() {
    static const TestPlanes made = test_planes(kSide, kSide, kPlanes);
    return made;
}

// With its heads on that instruction set's kernels.
Model model_for(const models::OlmModel& released, Isa isa) {
    Model model = released;
    for (size_t p = 0; p < kPlanes; ++p) {
        const Head& head = *released.heads[p];
        model.heads[p] =
            std::make_shared<const Head>(head.network().graph(), head.inputs(), head.outputs() / 3, isa);
    }
    return model;
}

// Every step of every plane; `step` sees the state between prediction and update.
template <typename Step>
void go_through(const Model& model, Allocator& allocator, Isa isa, const Step& step) {
    const StandardArithmetic standard;
    const Kernels& arithmetic = kernels(isa);
    const TileShape shape = picture().shape();
    TileArrays arrays(kSide, kSide, kPlanes, allocator);
    alignas(64) float values[kLanes];
    for (int plane = 0; plane < kPlanes; ++plane) {
        TileState tile(model.parameters, arrays, plane, shape.plane[static_cast<size_t>(plane)], {},
                       allocator);
        for (int t = 0; t < tile.wave().steps; ++t) {
            tile.begin_step(t, values);
            arithmetic.predict(tile.state(), t);
            for (int lane = 0; lane < kLanes; ++lane)
                if (tile.active(lane))
                    values[lane] = static_cast<float>(picture().at(tile.row(lane), tile.column(lane), plane));
            step(plane, tile.state());
            arithmetic.update(tile.state(), t, values);
        }
        arrays.end(plane);
    }
}

void run_experts(const Model& model, Allocator& allocator, Isa isa) {
    go_through(model, allocator, isa,
               [](int, const PlaneState& s) { benchmark::DoNotOptimize(s.head_input); });
}

void run_heads(const Model& model, Allocator& allocator) {
    for (const auto& head : model.heads) {
        Head::Scratch scratch(*head, allocator);
        const std::vector<uint8_t> inputs(static_cast<size_t>(kLanes * head->inputs()), 140);
        for (size_t i = 0; i < kSamples / kPlanes / kLanes; ++i)
            benchmark::DoNotOptimize(head->run(inputs.data(), kLanes, scratch));
    }
}

std::vector<uint8_t> encode(const Model& model, Allocator& allocator, Isa isa) {
    entropy::SymbolList list(allocator, kSamples);
    TileCoder(model, picture().shape(), allocator, isa).encode(picture().source(), list);
    return entropy::encode_symbols(list.intervals(), list.positions());
}

bool decodes(const Model& model, Allocator& allocator, Isa isa, const std::vector<uint8_t>& stream) {
    std::vector<uint8_t> samples(kSamples);
    TileTarget target;
    for (int p = 0; p < kPlanes; ++p)
        target[static_cast<size_t>(p)] = {samples.data() + p, picture().stride(), ptrdiff_t{kPlanes}};
    entropy::RansDecoder decoder(stream);
    TileCoder(model, picture().shape(), allocator, isa).decode(decoder, target);
    return samples == picture().samples;
}

void measure(benchmark::State& state, const models::OlmModel& released, const std::string& part, Isa isa) {
    const Model model = model_for(released, isa);
    Allocator allocator;
    const std::vector<uint8_t> stream =
        part == "decode" ? encode(model, allocator, isa) : std::vector<uint8_t>();
    bool right = true;
    for (auto _ : state) {
        if (part == "experts") run_experts(model, allocator, isa);
        if (part == "head") run_heads(model, allocator);
        if (part == "encode") benchmark::DoNotOptimize(encode(model, allocator, isa));
        if (part == "decode") right &= decodes(model, allocator, isa, stream);
    }
    if (!right) state.SkipWithError("the samples differ");
    state.counters["ns/sample"] =
        benchmark::Counter(static_cast<double>(kSamples) * 1e-9,
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// olm/PART/ISA for each model.
const bool registered = [] {
    static const models::Registry models(codec::model_methods());
    const models::Method& method = codec::method_named("olm");
    for (size_t i = 0; i < models.count(); ++i) {
        const auto& entry = models.at(i);
        if (entry.method != &method) continue;
        for (const char* part : kParts)
            for (const Isa isa : {Isa::kAvx512Vnni, Isa::kAvxVnni, Isa::kAvx2, Isa::kScalar}) {
                if (!isa_available(isa)) continue;
                const std::string name = entry.file.name() + "/" + part + "/" + isa_name(isa);
                benchmark::RegisterBenchmark(name.c_str(), [&entry, &method, part,
                                                            isa](benchmark::State& state) {
                    measure(state, static_cast<const models::OlmModel&>(models.parsed(entry, method)), part,
                            isa);
                })->Unit(benchmark::kMillisecond);
            }
    }
    return true;
}();

}  // namespace
}  // namespace residua::olm
