// A transposition that AVX2 and AVX-512 do alike. Included by their headers only.
#pragma once

#include <immintrin.h>

namespace residua::simd::RESIDUA_SIMD {

// Sixteen rows of sixteen int16 become sixteen columns of int32: out[column · step + row], `step` numbers
// from one column to the next. Row r starts at rows + r · pitch.
RESIDUA_INLINE void transpose_16x16(const int16_t* rows, ptrdiff_t pitch, int32_t* out, ptrdiff_t step) {
    __m256i in[16];
    __m256i other[16];
    for (int r = 0; r < 16; ++r)
        in[r] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows + r * pitch));
    // Each 128-bit half holds 8 columns; three rounds of interleaving transpose 8 × 8 blocks.
    for (int i = 0; i < 16; i += 2) {
        other[i] = _mm256_unpacklo_epi16(in[i], in[i + 1]);
        other[i + 1] = _mm256_unpackhi_epi16(in[i], in[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        in[i] = _mm256_unpacklo_epi32(other[i], other[i + 2]);
        in[i + 1] = _mm256_unpackhi_epi32(other[i], other[i + 2]);
        in[i + 2] = _mm256_unpacklo_epi32(other[i + 1], other[i + 3]);
        in[i + 3] = _mm256_unpackhi_epi32(other[i + 1], other[i + 3]);
    }
    for (int i = 0; i < 16; i += 8) {
        for (int j = 0; j < 4; ++j) {
            other[i + 2 * j] = _mm256_unpacklo_epi64(in[i + j], in[i + j + 4]);
            other[i + 2 * j + 1] = _mm256_unpackhi_epi64(in[i + j], in[i + j + 4]);
        }
    }
    // other[j] and other[j + 8]: columns j and j + 8 (in the two halves) of rows 0…7 and 8…15.
    for (int half = 0; half < 2; ++half) {
        for (int j = 0; j < 8; ++j) {
            auto* to = reinterpret_cast<__m256i*>(out + (8 * half + j) * step);
            const __m128i front =
                half ? _mm256_extracti128_si256(other[j], 1) : _mm256_castsi256_si128(other[j]);
            const __m128i back =
                half ? _mm256_extracti128_si256(other[j + 8], 1) : _mm256_castsi256_si128(other[j + 8]);
            _mm256_storeu_si256(to, _mm256_cvtepi16_epi32(front));
            _mm256_storeu_si256(to + 1, _mm256_cvtepi16_epi32(back));
        }
    }
}

}  // namespace residua::simd::RESIDUA_SIMD
