// Sixteen pixels of sixteen int16 parameters each, turned into sixteen rows of int32. Included by the vector
// kernels only, inside their own flags.
#pragma once

#include <immintrin.h>

#include "entropy/mixture_kernels.h"

namespace residua::entropy {

namespace {

// Row p of the input starts at pixels + p · pitch. out[column · step][p].
inline void transpose_16x16(const int16_t* pixels, int pitch, PixelGroup* out, int step) {
    __m256i rows[16];
    __m256i other[16];
    for (int p = 0; p < 16; ++p)
        rows[p] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(pixels + static_cast<long>(p) * pitch));
    // Each 128-bit half holds 8 columns; three rounds of interleaving transpose 8 × 8 blocks.
    for (int i = 0; i < 16; i += 2) {
        other[i] = _mm256_unpacklo_epi16(rows[i], rows[i + 1]);
        other[i + 1] = _mm256_unpackhi_epi16(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        rows[i] = _mm256_unpacklo_epi32(other[i], other[i + 2]);
        rows[i + 1] = _mm256_unpackhi_epi32(other[i], other[i + 2]);
        rows[i + 2] = _mm256_unpacklo_epi32(other[i + 1], other[i + 3]);
        rows[i + 3] = _mm256_unpackhi_epi32(other[i + 1], other[i + 3]);
    }
    for (int i = 0; i < 16; i += 8) {
        for (int j = 0; j < 4; ++j) {
            other[i + 2 * j] = _mm256_unpacklo_epi64(rows[i + j], rows[i + j + 4]);
            other[i + 2 * j + 1] = _mm256_unpackhi_epi64(rows[i + j], rows[i + j + 4]);
        }
    }
    // other[j] and other[j + 8]: columns j and j + 8 (in the two halves) of pixels 0…7 and 8…15.
    for (int half = 0; half < 2; ++half) {
        for (int j = 0; j < 8; ++j) {
            __m256i* to = reinterpret_cast<__m256i*>(out[(8 * half + j) * step]);
            const __m128i front =
                half ? _mm256_extracti128_si256(other[j], 1) : _mm256_castsi256_si128(other[j]);
            const __m128i back =
                half ? _mm256_extracti128_si256(other[j + 8], 1) : _mm256_castsi256_si128(other[j + 8]);
            _mm256_store_si256(to, _mm256_cvtepi16_epi32(front));
            _mm256_store_si256(to + 1, _mm256_cvtepi16_epi32(back));
        }
    }
}

}  // namespace

}  // namespace residua::entropy
