// Convolution for AVX-VNNI, AVX2's registers with the dot products of bytes: one vpdpbusd multiplies 4 bytes
// of a pixel (broadcast) with 4 weights of 8 output channels. All else is AVX2's.
#include "simd/avx2.h"

#include "nn/byte_groups_avx2.h"
#include "nn/pointwise_vector.h"
#include "nn/winograd_vector.h"

namespace residua::nn::avx2 {

namespace {

constexpr int kTileColumns = 6;  // × 2 vectors = 12 sums, 2 weights, 1 input of the 16 registers

size_t packed_bytes(int out_channels, int inputs) {
    return static_cast<size_t>(out_channels) * static_cast<size_t>(inputs);
}

// [block of 16 channels][input/4][16 channels][4 inputs]
void pack_weights(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    for (int first = 0; first < out_channels; first += kChannelBlock)
        packed = pack_block(weights + static_cast<ptrdiff_t>(first) * inputs, inputs, packed);
}

size_t scratch_bytes(int, int, ptrdiff_t, int) { return 0; }

template <int P>
void tile(const ConvolveArgs& args, int column, int channel, const uint8_t* weights) {
    __m256i sum[P][2];
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (int n = 0; n < 2; ++n) sum[p][n] = load_256(args.bias + channel + 8 * n);
    const ptrdiff_t step = args.column_step;
    for (int run = 0; run < args.run_count; ++run) {
        const uint8_t* pixel = args.runs[run] + column * step;
        for (int group = 0; group < args.run_groups; ++group) {
            const __m256i first = load_256(weights);
            const __m256i second = load_256(weights + kGroupWeights / 2);
#pragma GCC unroll 8
            for (int p = 0; p < P; ++p) {
                const __m256i input = broadcast_group(pixel + p * step);
                sum[p][0] = _mm256_dpbusd_avx_epi32(sum[p][0], input, first);
                sum[p][1] = _mm256_dpbusd_avx_epi32(sum[p][1], input, second);
            }
            pixel += kByteGroup;
            weights += kGroupWeights;
        }
    }
    int32_t* out = args.accumulators + static_cast<ptrdiff_t>(column) * args.out_channels + channel;
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (int n = 0; n < 2; ++n)
            store_256(out + p * static_cast<ptrdiff_t>(args.out_channels) + 8 * n, sum[p][n]);
}

// The columns that are left, fewer than P + 1.
template <int P>
void last_tile(const ConvolveArgs& args, int column, int channel, const uint8_t* weights) {
    if constexpr (P > 0) {
        if (args.columns - column == P)
            tile<P>(args, column, channel, weights);
        else
            last_tile<P - 1>(args, column, channel, weights);
    }
}

void convolve(const ConvolveArgs& args) {
    const uint8_t* weights = args.weights;
    const ptrdiff_t block_bytes = ptrdiff_t{kGroupWeights} * args.run_count * args.run_groups;
    for (int channel = 0; channel < args.out_channels; channel += kChannelBlock, weights += block_bytes) {
        int column = 0;
        for (; column + kTileColumns <= args.columns; column += kTileColumns)
            tile<kTileColumns>(args, column, channel, weights);
        last_tile<kTileColumns - 1>(args, column, channel, weights);
    }
}

}  // namespace

}  // namespace residua::nn::avx2

namespace residua::nn {

const Kernels kAvxVnniKernels = {avx2::packed_bytes,     avx2::pack_weights,  avx2::scratch_bytes,
                                 avx2::convolve,         avx2::requantise,    avx2::add,
                                 avx2::square,           avx2::normalise,     avx2::shuffle,
                                 avx2::winograd_bytes,   avx2::pack_winograd, avx2::winograd_scratch_bytes,
                                 avx2::convolve_winograd};

}  // namespace residua::nn
