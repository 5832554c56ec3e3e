// Four bytes of a pixel against four weights of eight channels: what AVX2's kernels of bytes share. Not a general
// header: only kernels_avx2.cc and kernels_avx_vnni.cc include it.
#pragma once

#include "nn/kernels.h"

namespace residua::nn::avx2 {

namespace {

inline constexpr int kGroupWeights = 64;  // bytes for 16 channels × 4 inputs

// Of one block of 16 channels, [channel][inputs] to [input/4][16 channels][4 inputs].
inline uint8_t* pack_block(const int8_t* weights, int inputs, uint8_t* packed) {
    for (int group = 0; group < inputs; group += kByteGroup)
        for (int channel = 0; channel < kChannelBlock; ++channel, packed += kByteGroup)
            __builtin_memcpy(packed, weights + static_cast<ptrdiff_t>(channel) * inputs + group, kByteGroup);
    return packed;
}

inline __m256i broadcast_group(const uint8_t* bytes) {
    int32_t group;
    __builtin_memcpy(&group, bytes, sizeof group);
    return _mm256_set1_epi32(group);
}

}  // namespace

}  // namespace residua::nn::avx2
