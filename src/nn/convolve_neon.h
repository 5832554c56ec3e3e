// What the convolutions for NEON with and without dot products share. Both multiply bytes with a sign: a pixel's
// bytes lose 128 as they are loaded, and what that takes away, 128·Σ weights, is added with the bias.
//
// A class `Products` says what differs:
//     place(channel, input): of 4 × 4 weights, which byte of the register;
//     Operand<group>: made of a register of inputs, four of them (4·group …) as its products want them;
//     add(sum, weights, operand): the 4 × 4 products of those with the weights of four channels, added to their sums.
// All here is in unnamed namespaces: files compiled for other processors have functions of their own.
#pragma once

#include <arm_neon.h>

#include "nn/kernels.h"

namespace residua::nn {

namespace {

constexpr int kVectors = kChannelBlock / 4;  // of the sums of a block's channels
constexpr int kVectorBytes = 16;             // 4 channels × 4 inputs
constexpr int kGroupBytes = kVectors * kVectorBytes;
constexpr int kTileColumns = 4;

// For each block of 16 channels: int32 128·Σ weights of each, then [input/4][vector] 4 × 4 weights.
size_t block_bytes(int inputs) { return kChannelBlock * (static_cast<size_t>(inputs) + sizeof(int32_t)); }

template <typename Products>
void pack_blocks(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    for (int block = 0; block < out_channels; block += kChannelBlock) {
        const int8_t* const rows = weights + static_cast<ptrdiff_t>(block) * inputs;
        for (int channel = 0; channel < kChannelBlock; ++channel, packed += sizeof(int32_t)) {
            int32_t sum = 0;
            for (int i = 0; i < inputs; ++i) sum += rows[static_cast<ptrdiff_t>(channel) * inputs + i];
            sum *= 128;
            __builtin_memcpy(packed, &sum, sizeof sum);
        }
        for (int first = 0; first < inputs; first += kByteGroup)
            for (int vector = 0; vector < kVectors; ++vector, packed += kVectorBytes)
                for (int channel = 0; channel < 4; ++channel)
                    for (int i = 0; i < kByteGroup; ++i)
                        packed[Products::place(channel, i)] = static_cast<uint8_t>(
                            rows[static_cast<ptrdiff_t>(4 * vector + channel) * inputs + first + i]);
    }
}

inline int8x16_t less_128(uint8x16_t bytes) { return vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(128))); }
inline int8x16_t load_16(const uint8_t* bytes) { return less_128(vld1q_u8(bytes)); }
// The same four bytes four times.
inline int8x16_t load_4(const uint8_t* bytes) {
    uint32_t four;
    __builtin_memcpy(&four, bytes, sizeof four);
    return less_128(vreinterpretq_u8_u32(vdupq_n_u32(four)));
}

template <typename Products, int P>
struct Tile {
    int32x4_t sum[P][kVectors];

    // inputs: of each column; the group of four among them.
    template <int group>
    inline __attribute__((always_inline)) void add_group(const int8x16_t (&inputs)[P],
                                                         const uint8_t* weights) {
        int8x16_t weight[kVectors];
#pragma GCC unroll 8
        for (int n = 0; n < kVectors; ++n)
            weight[n] = vreinterpretq_s8_u8(vld1q_u8(weights + group * kGroupBytes + n * kVectorBytes));
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) {
            const typename Products::template Operand<group> operand(inputs[p]);
#pragma GCC unroll 8
            for (int n = 0; n < kVectors; ++n) sum[p][n] = Products::add(sum[p][n], weight[n], operand);
        }
    }
};

template <typename Products, int P>
void tile(const ConvolveArgs& args, int column, int channel, const uint8_t* weights) {
    Tile<Products, P> t;
#pragma GCC unroll 8
    for (int n = 0; n < kVectors; ++n) {
        const int32x4_t lost = vreinterpretq_s32_u8(vld1q_u8(weights + 16 * n));
        const int32x4_t start = vaddq_s32(vld1q_s32(args.bias + channel + 4 * n), lost);
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) t.sum[p][n] = start;
    }
    weights += kChannelBlock * sizeof(int32_t);
    const ptrdiff_t step = args.column_step;
    for (int run = 0; run < args.run_count; ++run) {
        const uint8_t* pixel = args.runs[run] + column * step;
        int8x16_t inputs[P];
        int group = 0;
        for (; group + 4 <= args.run_groups; group += 4) {
#pragma GCC unroll 8
            for (int p = 0; p < P; ++p) inputs[p] = load_16(pixel + p * step);
            t.template add_group<0>(inputs, weights);
            t.template add_group<1>(inputs, weights);
            t.template add_group<2>(inputs, weights);
            t.template add_group<3>(inputs, weights);
            pixel += 4 * kByteGroup;
            weights += 4 * kGroupBytes;
        }
        for (; group < args.run_groups; ++group) {
#pragma GCC unroll 8
            for (int p = 0; p < P; ++p) inputs[p] = load_4(pixel + p * step);
            t.template add_group<0>(inputs, weights);
            pixel += kByteGroup;
            weights += kGroupBytes;
        }
    }
    int32_t* out = args.accumulators + static_cast<ptrdiff_t>(column) * args.out_channels + channel;
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p)
#pragma GCC unroll 8
        for (int n = 0; n < kVectors; ++n)
            vst1q_s32(out + p * static_cast<ptrdiff_t>(args.out_channels) + 4 * n, t.sum[p][n]);
}

// The columns that are left, fewer than P + 1.
template <typename Products, int P>
void last_tile(const ConvolveArgs& args, int column, int channel, const uint8_t* weights) {
    if constexpr (P > 0) {
        if (args.columns - column == P)
            tile<Products, P>(args, column, channel, weights);
        else
            last_tile<Products, P - 1>(args, column, channel, weights);
    }
}

template <typename Products>
void convolve_blocks(const ConvolveArgs& args) {
    const size_t bytes = block_bytes(args.run_count * args.run_groups * kByteGroup);
    const uint8_t* weights = args.weights;
    for (int channel = 0; channel < args.out_channels; channel += kChannelBlock, weights += bytes) {
        int column = 0;
        for (; column + kTileColumns <= args.columns; column += kTileColumns)
            tile<Products, kTileColumns>(args, column, channel, weights);
        last_tile<Products, kTileColumns - 1>(args, column, channel, weights);
    }
}

}  // namespace

}  // namespace residua::nn
