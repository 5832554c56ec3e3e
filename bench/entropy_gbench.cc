// Entropy coding of a 512×512 RGB picture on one core, CDF evaluation included, per instruction set and K.
// The parameters are synthetic (sigma varies smoothly from 0.5 to 8) and the residuals are drawn from that
// very mixture. Beside it, what memcpy moves on the same core. Times are of the thread's own processor time.
#include <benchmark/benchmark.h>

#include <cstring>
#include <map>

#include "entropy/enc_rans.h"
#include "entropy/make_tables.h"
#include "entropy/test_support.h"

namespace residua::entropy {
namespace {

constexpr int kSide = 512;
constexpr int kChannels = 3;
constexpr size_t kSymbols = size_t{kSide} * kSide * kChannels;

struct Picture {
    DistributionTables tables;
    Alphabet alphabet;
    testing::Parameters parameters;
    std::vector<int16_t> values;
    std::vector<Interval> intervals;
    std::vector<uint8_t> stream;
};

const Picture& picture(int components) {
    static std::map<int, Picture> pictures;
    auto [at, is_new] = pictures.try_emplace(components);
    Picture& made = at->second;
    if (is_new) {
        std::mt19937 random(1);
        made.tables = make_tables(LambdaActivation::kTanh, components);
        made.alphabet = testing::same_alphabet(-100, 100);
        made.parameters = testing::smooth_parameters(random, kSide, kSide, made.tables, 0.5, 8);
        made.values = testing::draw_values(random, made.parameters, kSide, made.alphabet, kChannels);
        MixtureCoder coder(made.tables, made.alphabet, {}, kChannels);
        made.intervals = testing::tile_intervals(coder, made.parameters, kSide, kChannels, made.values);
        made.stream = encode_tile(made.intervals, {kSide, kSide, kChannels});
    }
    return made;
}

// Arguments: instruction set, K.
bool skip(benchmark::State& state, Isa isa) {
    state.SetLabel(isa_name(isa));
    if (isa_available(isa)) return false;
    state.SkipWithError("not on this processor");
    return true;
}

void report(benchmark::State& state, const Picture& source) {
    state.counters["symbols/s"] = benchmark::Counter(kSymbols, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["bits/symbol"] = 8.0 * static_cast<double>(source.stream.size()) / kSymbols;
}

void Decode(benchmark::State& state) {
    const Isa isa = static_cast<Isa>(state.range(0));
    if (skip(state, isa)) return;
    const Picture& source = picture(static_cast<int>(state.range(1)));
    MixtureCoder coder(source.tables, source.alphabet, {}, kChannels, isa);
    std::vector<int16_t> values(kSymbols);
    for (auto _ : state) {
        RansDecoder decoder(source.stream);
        for (int y = 0; y < kSide; ++y)
            coder.decode_row(decoder, source.parameters.row(y), kSide,
                             values.data() + static_cast<size_t>(y) * kSide * kChannels);
        decoder.finish();
        benchmark::ClobberMemory();
    }
    if (values != source.values) state.SkipWithError("decoded symbols differ");
    report(state, source);
}

void Encode(benchmark::State& state) {
    const Isa isa = static_cast<Isa>(state.range(0));
    if (skip(state, isa)) return;
    const Picture& source = picture(static_cast<int>(state.range(1)));
    MixtureCoder coder(source.tables, source.alphabet, {}, kChannels, isa);
    std::vector<Interval> intervals(kSymbols);
    for (auto _ : state) {
        for (int y = 0; y < kSide; ++y) {
            const size_t row = static_cast<size_t>(y) * kSide * kChannels;
            coder.intervals(source.parameters.row(y), kSide, source.values.data() + row,
                            intervals.data() + row);
        }
        benchmark::DoNotOptimize(encode_tile(intervals, {kSide, kSide, kChannels}));
    }
    report(state, source);
}

void Prove(benchmark::State& state) {
    const Picture& source = picture(5);
    for (auto _ : state) verify_tile(source.stream, source.intervals, {kSide, kSide, kChannels});
    report(state, source);
}

void Memcpy(benchmark::State& state) {
    const std::vector<uint8_t> from(static_cast<size_t>(state.range(0)), 1);
    std::vector<uint8_t> to(from.size());
    for (auto _ : state) {
        std::memcpy(to.data(), from.data(), from.size());
        benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

void instruction_sets(benchmark::internal::Benchmark* bench) {
    for (int components : {5, 10})
        for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni})
            bench->Args({static_cast<int>(isa), components});
    bench->ArgNames({"isa", "K"})->Unit(benchmark::kMillisecond);
}

BENCHMARK(Decode)->Apply(instruction_sets);
BENCHMARK(Encode)->Apply(instruction_sets);
BENCHMARK(Prove)->Unit(benchmark::kMillisecond);
// The picture's bytes, its K = 5 parameters, and something larger than the caches.
BENCHMARK(Memcpy)->Arg(kSymbols)->Arg(kSymbols * 5 * 4 * 2)->Arg(256 << 20)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace residua::entropy
