// Kernels for WebAssembly's vectors. Bytes are widened to 16 bits and multiplied in pairs, as for AVX2.
#include "simd/simd128.h"

#include "nn/pointwise_vector.h"
#include "nn/winograd_vector.h"

namespace residua::nn::simd128 {

namespace {

constexpr int kTileColumns = 4;
constexpr int kTileChannels = 8;  // two registers of sums
constexpr int kPairBytes = 2 * kTileChannels * static_cast<int>(sizeof(int16_t));

size_t packed_bytes(int out_channels, int inputs) {
    return 2 * static_cast<size_t>(out_channels) * static_cast<size_t>(inputs);
}

// int16 [block of 8 channels][input/2][8 channels][2 inputs]
void pack_weights(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    for (int first = 0; first < out_channels; first += kTileChannels)
        for (int pair = 0; pair < inputs; pair += 2)
            for (int channel = first; channel < first + kTileChannels; ++channel)
                for (int i = pair; i < pair + 2; ++i) {
                    const int16_t weight = weights[static_cast<ptrdiff_t>(channel) * inputs + i];
                    __builtin_memcpy(packed, &weight, sizeof weight);
                    packed += sizeof weight;
                }
}

// Elements of one widened run under `columns` columns.
ptrdiff_t run_elements(int run_groups, ptrdiff_t column_step, int columns) {
    return (columns - 1) * column_step + ptrdiff_t{run_groups} * kByteGroup;
}

size_t scratch_bytes(int run_count, int run_groups, ptrdiff_t column_step, int columns) {
    return sizeof(int16_t) * static_cast<size_t>(run_count) *
           static_cast<size_t>(run_elements(run_groups, column_step, columns));
}

void widen(const uint8_t* bytes, int16_t* words, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 8 <= count; i += 8) Int16::load(bytes + i).store(words + i);
    for (; i < count; ++i) words[i] = bytes[i];
}

template <int P>
void tile(const ConvolveArgs& args, const int16_t* runs, ptrdiff_t pitch, int column, int channel,
          const uint8_t* weights) {
    v128_t sum[P][2];
    RESIDUA_UNROLL
    for (int p = 0; p < P; ++p) RESIDUA_UNROLL
    for (int n = 0; n < 2; ++n) sum[p][n] = wasm_v128_load(args.bias + channel + 4 * n);
    const ptrdiff_t step = args.column_step;
    for (int run = 0; run < args.run_count; ++run) {
        const int16_t* pixel = runs + run * pitch + column * step;
        for (int pair = 0; pair < 2 * args.run_groups; ++pair) {
            const v128_t first = wasm_v128_load(weights), second = wasm_v128_load(weights + 16);
            RESIDUA_UNROLL
            for (int p = 0; p < P; ++p) {
                const v128_t input = wasm_v128_load32_splat(pixel + p * step);
                sum[p][0] = wasm_i32x4_add(sum[p][0], wasm_i32x4_dot_i16x8(input, first));
                sum[p][1] = wasm_i32x4_add(sum[p][1], wasm_i32x4_dot_i16x8(input, second));
            }
            pixel += 2;
            weights += kPairBytes;
        }
    }
    int32_t* out = args.accumulators + static_cast<ptrdiff_t>(column) * args.out_channels + channel;
    RESIDUA_UNROLL
    for (int p = 0; p < P; ++p, out += args.out_channels) RESIDUA_UNROLL
    for (int n = 0; n < 2; ++n) wasm_v128_store(out + 4 * n, sum[p][n]);
}

// The columns that are left, fewer than P + 1.
template <int P>
void last_tile(const ConvolveArgs& args, const int16_t* runs, ptrdiff_t pitch, int column, int channel,
               const uint8_t* weights) {
    if constexpr (P > 0) {
        if (args.columns - column == P)
            tile<P>(args, runs, pitch, column, channel, weights);
        else
            last_tile<P - 1>(args, runs, pitch, column, channel, weights);
    }
}

void convolve(const ConvolveArgs& args) {
    const ptrdiff_t pitch = run_elements(args.run_groups, args.column_step, args.columns);
    auto* runs = reinterpret_cast<int16_t*>(args.scratch);
    for (int run = 0; run < args.run_count; ++run) widen(args.runs[run], runs + run * pitch, pitch);

    const uint8_t* weights = args.weights;
    const ptrdiff_t block_bytes = ptrdiff_t{2} * kPairBytes * args.run_count * args.run_groups;
    for (int channel = 0; channel < args.out_channels; channel += kTileChannels, weights += block_bytes) {
        int column = 0;
        for (; column + kTileColumns <= args.columns; column += kTileColumns)
            tile<kTileColumns>(args, runs, pitch, column, channel, weights);
        last_tile<kTileColumns - 1>(args, runs, pitch, column, channel, weights);
    }
}

}  // namespace

}  // namespace residua::nn::simd128

namespace residua::nn {

const Kernels kSimd128Kernels = {
    simd128::packed_bytes,     simd128::pack_weights,  simd128::scratch_bytes,
    simd128::convolve,         simd128::requantise,    simd128::add,
    simd128::square,           simd128::normalise,     simd128::shuffle,
    simd128::winograd_bytes,   simd128::pack_winograd, simd128::winograd_scratch_bytes,
    simd128::convolve_winograd};

}  // namespace residua::nn
