// Convolution for AVX-512 with VNNI. One vpdpbusd multiplies 4 bytes of a pixel (broadcast) with 4 weights of
// 16 output channels; a tile of P columns × N·16 channels stays in registers over the whole sum.
#include "simd/avx512.h"

#include "nn/pointwise_vector.h"
#include "nn/winograd_vector.h"

namespace residua::nn::avx512 {

namespace {

constexpr int kVectorWeights = 64;  // 16 channels × 4 inputs

// Vectors of 16 channels that the next tile takes when `left` remain: 4, but 5 is split 3 + 2 (a tile of one
// vector loads as much as it multiplies).
int tile_vectors(int left) { return left == 5 ? 3 : left < 4 ? left : 4; }

size_t packed_bytes(int out_channels, int inputs) {
    return static_cast<size_t>(out_channels) * static_cast<size_t>(inputs);
}

// [tile][input/4][vector of the tile][16 channels][4 inputs]
void pack_weights(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    for (int first = 0; first < out_channels;) {
        const int channels = kChannelBlock * tile_vectors((out_channels - first) / kChannelBlock);
        for (int group = 0; group < inputs; group += kByteGroup)
            for (int channel = first; channel < first + channels; ++channel)
                for (int i = group; i < group + kByteGroup; ++i)
                    *packed++ = static_cast<uint8_t>(weights[static_cast<ptrdiff_t>(channel) * inputs + i]);
        first += channels;
    }
}

size_t scratch_bytes(int, int, ptrdiff_t, int) { return 0; }

inline __m512i broadcast_group(const uint8_t* bytes) {
    int32_t group;
    __builtin_memcpy(&group, bytes, sizeof group);
    return _mm512_set1_epi32(group);
}

template <int P, int N>
void tile(const ConvolveArgs& args, int column, int channel, const uint8_t* weights) {
    __m512i sum[P][N];
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n) sum[p][n] = _mm512_loadu_si512(args.bias + channel + 16 * n);
    const ptrdiff_t step = args.column_step;
    for (int run = 0; run < args.run_count; ++run) {
        const uint8_t* pixel = args.runs[run] + column * step;
        for (int group = 0; group < args.run_groups; ++group) {
            __m512i weight[N];
#pragma GCC unroll 8
            for (int n = 0; n < N; ++n) weight[n] = _mm512_load_si512(weights + kVectorWeights * n);
#pragma GCC unroll 8
            for (int p = 0; p < P; ++p) {
                const __m512i input = broadcast_group(pixel + p * step);
#pragma GCC unroll 8
                for (int n = 0; n < N; ++n) sum[p][n] = _mm512_dpbusd_epi32(sum[p][n], input, weight[n]);
            }
            pixel += kByteGroup;
            weights += kVectorWeights * N;
        }
    }
    int32_t* out = args.accumulators + static_cast<ptrdiff_t>(column) * args.out_channels + channel;
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (int n = 0; n < N; ++n)
            _mm512_storeu_si512(out + p * static_cast<ptrdiff_t>(args.out_channels) + 16 * n, sum[p][n]);
}

// The columns that are left, fewer than P + 1.
template <int P, int N>
void last_tile(const ConvolveArgs& args, int column, int channel, const uint8_t* weights) {
    if constexpr (P > 0) {
        if (args.columns - column == P)
            tile<P, N>(args, column, channel, weights);
        else
            last_tile<P - 1, N>(args, column, channel, weights);
    }
}

template <int P, int N>
void all_columns(const ConvolveArgs& args, int channel, const uint8_t* weights) {
    int column = 0;
    for (; column + P <= args.columns; column += P) tile<P, N>(args, column, channel, weights);
    last_tile<P - 1, N>(args, column, channel, weights);
}

void convolve(const ConvolveArgs& args) {
    const uint8_t* weights = args.weights;
    for (int channel = 0; channel < args.out_channels;) {
        const int vectors = tile_vectors((args.out_channels - channel) / kChannelBlock);
        switch (vectors) {
            case 4:
                all_columns<6, 4>(args, channel, weights);
                break;
            case 3:
                all_columns<8, 3>(args, channel, weights);
                break;
            case 2:
                all_columns<8, 2>(args, channel, weights);
                break;
            default:
                all_columns<8, 1>(args, channel, weights);
        }
        channel += vectors * kChannelBlock;
        weights += static_cast<ptrdiff_t>(vectors) * kVectorWeights * args.run_count * args.run_groups;
    }
}

}  // namespace

}  // namespace residua::nn::avx512

namespace residua::nn {

const Kernels kAvx512VnniKernels = {avx512::packed_bytes,
                                    avx512::pack_weights,
                                    avx512::scratch_bytes,
                                    avx512::convolve,
                                    avx512::requantise,
                                    avx512::add,
                                    avx512::square,
                                    avx512::normalise,
                                    avx512::shuffle,
                                    avx512::winograd_bytes,
                                    avx512::pack_winograd,
                                    avx512::winograd_scratch_bytes,
                                    avx512::convolve_winograd,
                                    65536};

}  // namespace residua::nn
