// Pointwise layers behind a ReLU for AVX2. Their bytes stand for 0 … 127, so vpmaddubsw, which multiplies twice as
// many as vpmaddwd, cannot saturate (2 · 127 · 128 < 2^15); and where four weights in a row allow it, two of its sums
// are added before they are widened. Not a general header: only kernels_avx2.cc includes it.
#pragma once

#include "nn/byte_groups_avx2.h"

namespace residua::nn::avx2 {

namespace {

inline constexpr int kPositiveColumns =
    4;  // × 2 vectors = 8 sums; 4 weights, 2 inputs, the ones: 15 of the 16 registers
// Of four weights with the same sign that meet in one sum of 16 bits.
inline constexpr int kMostOfFour = 32767 / 127;

struct PositiveBlock {
    int32_t zero_points[kChannelBlock];  // 128 · Σweights of each channel: undoes what the bias carries
    int32_t in_pairs;                    // whether sums of two groups fit into 16 bits
    int32_t unused[15];                  // to whole lines
};

inline size_t positive_bytes(int out_channels, int inputs) {
    return static_cast<size_t>(out_channels / kChannelBlock) *
           (sizeof(PositiveBlock) + static_cast<size_t>(inputs / kByteGroup) * kGroupWeights);
}

// Whether the products of inputs i, i + 1, i + 4 and i + 5 fit for all channels and all i that are multiples of
// eight, or two more.
inline bool fits_in_pairs(const int8_t* weights, int inputs) {
    for (int channel = 0; channel < kChannelBlock; ++channel, weights += inputs)
        for (int i = 0; i + 2 * kByteGroup <= inputs; i += 2 * kByteGroup)
            for (int half = i; half < i + kByteGroup; half += 2) {
                int above = 0, below = 0;
                for (int k = 0; k < 4; ++k) {
                    const int weight = weights[half + k % 2 + k / 2 * kByteGroup];
                    (weight > 0 ? above : below) += weight;
                }
                if (above > kMostOfFour || -below > kMostOfFour) return false;
            }
    return true;
}

// [block of 16 channels]: PositiveBlock, int8 [inputs/4][16 channels][4 inputs]
inline void pack_positive(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    for (int first = 0; first < out_channels; first += kChannelBlock) {
        const int8_t* const of_block = weights + static_cast<ptrdiff_t>(first) * inputs;
        PositiveBlock block = {};
        for (int channel = 0; channel < kChannelBlock; ++channel)
            for (int i = 0; i < inputs; ++i)
                block.zero_points[channel] += 128 * of_block[static_cast<ptrdiff_t>(channel) * inputs + i];
        block.in_pairs = fits_in_pairs(of_block, inputs) ? 1 : 0;
        __builtin_memcpy(packed, &block, sizeof block);
        packed += sizeof block;
        packed = pack_block(of_block, inputs, packed);
    }
}

// P columns of a block of channels. pixels: 0 … 127 each.
template <int P>
void positive_tile(const PositiveArgs& args, const uint8_t* pixels, const uint8_t* packed, int channel,
                   int32_t* out) {
    PositiveBlock block;
    __builtin_memcpy(&block, packed, sizeof block);
    const uint8_t* weights = packed + sizeof block;
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sum[P][2];
#pragma GCC unroll 8
    for (int n = 0; n < 2; ++n) {
        const __m256i first =
            _mm256_add_epi32(load_256(args.bias + channel + 8 * n), load_256(block.zero_points + 8 * n));
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) sum[p][n] = first;
    }
    const ptrdiff_t step = args.column_step;
    int group = 0;
    if (block.in_pairs) {
        for (; group + 2 <= args.groups; group += 2, pixels += 2 * kByteGroup, weights += 2 * kGroupWeights) {
            const __m256i weight[4] = {load_256(weights), load_256(weights + 32), load_256(weights + 64),
                                       load_256(weights + 96)};
#pragma GCC unroll 8
            for (int p = 0; p < P; ++p) {
                const __m256i one = broadcast_group(pixels + p * step),
                              two = broadcast_group(pixels + p * step + kByteGroup);
#pragma GCC unroll 8
                for (int n = 0; n < 2; ++n) {
                    const __m256i both = _mm256_add_epi16(_mm256_maddubs_epi16(one, weight[n]),
                                                          _mm256_maddubs_epi16(two, weight[2 + n]));
                    sum[p][n] = _mm256_add_epi32(sum[p][n], _mm256_madd_epi16(both, ones));
                }
            }
        }
    }
    for (; group < args.groups; ++group, pixels += kByteGroup, weights += kGroupWeights) {
        const __m256i weight[2] = {load_256(weights), load_256(weights + 32)};
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) {
            const __m256i input = broadcast_group(pixels + p * step);
#pragma GCC unroll 8
            for (int n = 0; n < 2; ++n)
                sum[p][n] = _mm256_add_epi32(sum[p][n],
                                             _mm256_madd_epi16(_mm256_maddubs_epi16(input, weight[n]), ones));
        }
    }
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (int n = 0; n < 2; ++n)
            store_256(out + p * static_cast<ptrdiff_t>(args.out_channels) + channel + 8 * n, sum[p][n]);
}

// The columns that are left, at most P.
template <int P>
void last_positive_tile(const PositiveArgs& args, const uint8_t* pixels, const uint8_t* packed, int columns,
                        int channel, int32_t* out) {
    if constexpr (P > 0) {
        if (columns == P)
            positive_tile<P>(args, pixels, packed, channel, out);
        else
            last_positive_tile<P - 1>(args, pixels, packed, columns, channel, out);
    }
}

inline size_t positive_scratch_bytes(int groups, ptrdiff_t column_step, int columns) {
    return static_cast<size_t>(columns - 1) * static_cast<size_t>(column_step) +
           static_cast<size_t>(groups) * kByteGroup;
}

inline void convolve_positive(const PositiveArgs& args) {
    const ptrdiff_t bytes = (args.columns - 1) * args.column_step + ptrdiff_t{args.groups} * kByteGroup;
    const __m256i zero_point = _mm256_set1_epi8(-128);
    ptrdiff_t i = 0;
    for (; i + 32 <= bytes; i += 32)
        store_256(args.scratch + i, _mm256_xor_si256(load_256(args.pixels + i), zero_point));
    for (; i < bytes; ++i) args.scratch[i] = args.pixels[i] ^ 0x80;

    const ptrdiff_t block_bytes =
        static_cast<ptrdiff_t>(sizeof(PositiveBlock)) + ptrdiff_t{args.groups} * kGroupWeights;
    const uint8_t* packed = args.weights;
    for (int channel = 0; channel < args.out_channels; channel += kChannelBlock, packed += block_bytes) {
        int column = 0;
        const auto out = [&] { return args.accumulators + ptrdiff_t{column} * args.out_channels; };
        const auto pixels = [&] { return args.scratch + column * args.column_step; };
        for (; column + kPositiveColumns <= args.columns; column += kPositiveColumns)
            positive_tile<kPositiveColumns>(args, pixels(), packed, channel, out());
        last_positive_tile<kPositiveColumns - 1>(args, pixels(), packed, args.columns - column, channel,
                                                 out());
    }
}

}  // namespace

}  // namespace residua::nn::avx2
