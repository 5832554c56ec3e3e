// Convolution for AVX2. vpmaddubsw would saturate (255·127·2 > 32767), so bytes are widened to 16 bits and
// multiplied in pairs by vpmaddwd, which cannot overflow.
#include "simd/avx2.h"

#include "nn/pointwise_vector.h"
#include "nn/positive_avx2.h"
#include "nn/winograd_vector.h"

namespace residua::nn::avx2 {

namespace {

constexpr int kTileColumns = 6;   // × 2 vectors = 12 sums, 2 weights, 1 input of the 16 registers
constexpr int kPairWeights = 64;  // bytes for 16 channels × 2 inputs × int16

size_t packed_bytes(int out_channels, int inputs) {
    return 2 * static_cast<size_t>(out_channels) * static_cast<size_t>(inputs);
}

// int16 [block of 16 channels][input/2][16 channels][2 inputs]
void pack_weights(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    for (int first = 0; first < out_channels; first += kChannelBlock)
        for (int pair = 0; pair < inputs; pair += 2)
            for (int channel = first; channel < first + kChannelBlock; ++channel)
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
ptrdiff_t run_pitch(ptrdiff_t elements) { return (elements + 15) / 16 * 16; }

size_t scratch_bytes(int run_count, int run_groups, ptrdiff_t column_step, int columns) {
    return sizeof(int16_t) * static_cast<size_t>(run_count) *
           static_cast<size_t>(run_pitch(run_elements(run_groups, column_step, columns)));
}

void widen(const uint8_t* bytes, int16_t* words, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm256_store_si256(
            reinterpret_cast<__m256i*>(words + i),
            _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i))));
    for (; i < count; ++i) words[i] = bytes[i];
}

inline __m256i broadcast_pair(const int16_t* words) {
    int32_t pair;
    __builtin_memcpy(&pair, words, sizeof pair);
    return _mm256_set1_epi32(pair);
}

template <int P>
void tile(const ConvolveArgs& args, const int16_t* runs, ptrdiff_t pitch, int column, int channel,
          const uint8_t* weights) {
    __m256i sum[P][2];
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (int n = 0; n < 2; ++n)
            sum[p][n] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(args.bias + channel + 8 * n));
    const ptrdiff_t step = args.column_step;
    for (int run = 0; run < args.run_count; ++run) {
        const int16_t* pixel = runs + run * pitch + column * step;
        for (int pair = 0; pair < 2 * args.run_groups; ++pair) {
            const auto* vectors = reinterpret_cast<const __m256i*>(weights);
            const __m256i first = _mm256_load_si256(vectors);
            const __m256i second = _mm256_load_si256(vectors + 1);
#pragma GCC unroll 8
            for (int p = 0; p < P; ++p) {
                const __m256i input = broadcast_pair(pixel + p * step);
                sum[p][0] = _mm256_add_epi32(sum[p][0], _mm256_madd_epi16(input, first));
                sum[p][1] = _mm256_add_epi32(sum[p][1], _mm256_madd_epi16(input, second));
            }
            pixel += 2;
            weights += kPairWeights;
        }
    }
    int32_t* out = args.accumulators + static_cast<ptrdiff_t>(column) * args.out_channels + channel;
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (int n = 0; n < 2; ++n)
            _mm256_storeu_si256(
                reinterpret_cast<__m256i*>(out + p * static_cast<ptrdiff_t>(args.out_channels) + 8 * n),
                sum[p][n]);
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
    const ptrdiff_t elements = run_elements(args.run_groups, args.column_step, args.columns);
    const ptrdiff_t pitch = run_pitch(elements);
    auto* runs = reinterpret_cast<int16_t*>(args.scratch);
    for (int run = 0; run < args.run_count; ++run) widen(args.runs[run], runs + run * pitch, elements);

    const uint8_t* weights = args.weights;
    const ptrdiff_t block_bytes = ptrdiff_t{2} * kPairWeights * args.run_count * args.run_groups;
    for (int channel = 0; channel < args.out_channels; channel += kChannelBlock, weights += block_bytes) {
        int column = 0;
        for (; column + kTileColumns <= args.columns; column += kTileColumns)
            tile<kTileColumns>(args, runs, pitch, column, channel, weights);
        last_tile<kTileColumns - 1>(args, runs, pitch, column, channel, weights);
    }
}

}  // namespace

}  // namespace residua::nn::avx2

namespace residua::nn {

const Kernels kAvx2Kernels = {avx2::packed_bytes,
                              avx2::pack_weights,
                              avx2::scratch_bytes,
                              avx2::convolve,
                              avx2::requantise,
                              avx2::add,
                              avx2::square,
                              avx2::normalise,
                              avx2::shuffle,
                              avx2::winograd_bytes,
                              avx2::pack_winograd,
                              avx2::winograd_scratch_bytes,
                              avx2::convolve_winograd,
                              kWinogradPixels,
                              avx2::positive_bytes,
                              avx2::pack_positive,
                              avx2::positive_scratch_bytes,
                              avx2::convolve_positive};

}  // namespace residua::nn
