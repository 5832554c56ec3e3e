// The lossy layer on one core: colour conversion, BPG encoding per effort, BPG decoding. The picture is made
// here (waves, edges, noise of a camera's strength), so that the bench needs no files.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "lossy/color.h"
#include "lossy/dec_lossy.h"
#include "lossy/enc_lossy.h"

namespace residua::lossy {
namespace {

constexpr int kSide = 512;

const std::vector<uint8_t>& picture_pixels() {
    static const std::vector<uint8_t> pixels = [] {
        std::vector<uint8_t> values;
        uint32_t random = 1;
        for (int y = 0; y < kSide; ++y)
            for (int x = 0; x < kSide; ++x)
                for (int c = 0; c < 3; ++c) {
                    random = random * 1664525 + 1013904223;
                    const double wave =
                        60 * std::sin(x * 0.021 + c) + 50 * std::cos(y * 0.017 + x * 0.005 * c);
                    const int edge = (x / 53 + y / 41) % 5 == 0 ? 40 : 0;
                    values.push_back(static_cast<uint8_t>(
                        std::clamp(100 + wave + edge + static_cast<int>(random >> 29), 0.0, 255.0)));
                }
        return values;
    }();
    return pixels;
}

PictureView picture(int channels) {
    return {picture_pixels().data(), kSide, kSide, channels, kSide * channels};
}

void count_pixels(benchmark::State& state) {
    state.counters["MP/s"] = benchmark::Counter(static_cast<double>(state.iterations()) * kSide * kSide / 1e6,
                                                benchmark::Counter::kIsRate);
}

void BM_RgbToYCbCr(benchmark::State& state) {
    const ColorMatrix& matrix = color_matrix(static_cast<int>(state.range(0)));
    std::vector<uint16_t> y(kSide), cb(kSide), cr(kSide);
    for (auto _ : state)
        for (int row = 0; row < kSide; ++row) {
            rgb_to_ycbcr(matrix, picture(3).row(row), kSide, y.data(), cb.data(), cr.data());
            benchmark::DoNotOptimize(y.data());
        }
    count_pixels(state);
}
BENCHMARK(BM_RgbToYCbCr)->ArgName("bits")->Arg(8)->Arg(10)->Unit(benchmark::kMillisecond);

void BM_YCbCrToFineRgb(benchmark::State& state) {
    const ColorMatrix& matrix = color_matrix(static_cast<int>(state.range(0)));
    std::vector<uint16_t> y(kSide, 500), cb(kSide, 400), cr(kSide, 600), fine(3 * kSide);
    for (auto _ : state)
        for (int row = 0; row < kSide; ++row) {
            ycbcr_to_fine_rgb(matrix, y.data(), cb.data(), cr.data(), kSide, fine.data());
            benchmark::DoNotOptimize(fine.data());
        }
    count_pixels(state);
}
BENCHMARK(BM_YCbCrToFineRgb)->ArgName("bits")->Arg(10)->Unit(benchmark::kMillisecond);

#ifdef RESIDUA_ENCODER

void BM_EncodeBpg(benchmark::State& state) {
    Allocator allocator;
    size_t bytes = 0;
    for (auto _ : state)
        bytes = encode_bpg(picture(3), {12, 10, static_cast<int>(state.range(0)), 1}, allocator).size();
    count_pixels(state);
    state.counters["bpsp"] = static_cast<double>(bytes) * 8 / (3.0 * kSide * kSide);
}
BENCHMARK(BM_EncodeBpg)
    ->ArgName("effort")
    ->DenseRange(1, 6)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

void BM_DecodeBpg(benchmark::State& state) {
    const int bits = static_cast<int>(state.range(0)), channels = static_cast<int>(state.range(1));
    Allocator allocator;
    const auto bpg = encode_bpg(picture(channels), {12, bits, 5, 1}, allocator);
    std::vector<uint8_t> out(static_cast<size_t>(kSide) * kSide * static_cast<size_t>(channels));
    for (auto _ : state)
        decode_bpg(bpg, {out.data(), kSide, kSide, channels, kSide * channels}, allocator, 1);
    count_pixels(state);
}
BENCHMARK(BM_DecodeBpg)
    ->ArgNames({"bits", "channels"})
    ->ArgsProduct({{8, 10}, {1, 3}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

#endif

}  // namespace
}  // namespace residua::lossy
