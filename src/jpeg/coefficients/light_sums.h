// Sums of 16 bits around a block, one for each place in zigzag order: docs/format-jpeg-light.md, 5.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jpeg/coefficients/levels.h"
#include "jpeg/coefficients/light_model.h"

namespace residua::jpeg::RESIDUA_SIMD {

inline constexpr int kMostLight = 255;    // of a coefficient in sums
inline constexpr int kMostAround = 1023;  // of other inputs
inline constexpr int kLightScale = 1 << 7, kAroundScale = 1 << 5;

// sums[i] += (row[i] · factor + 2^14) >> 15, modulo 2^16.
RESIDUA_INLINE void add_row(int16_t* sums, const int16_t* row, int32_t factor) {
#ifdef __AVX2__
    const __m256i f = _mm256_set1_epi16(static_cast<int16_t>(factor));
    RESIDUA_UNROLL
    for (int i = 0; i < 64; i += 16) {
        auto* const to = reinterpret_cast<__m256i*>(sums + i);
        const __m256i r = _mm256_load_si256(reinterpret_cast<const __m256i*>(row + i));
        _mm256_store_si256(to, _mm256_add_epi16(_mm256_load_si256(to), _mm256_mulhrs_epi16(r, f)));
    }
#else
    for (int i = 0; i < 64; ++i)
        sums[i] = static_cast<int16_t>(sums[i] + ((row[i] * factor + (1 << 14)) >> 15));
#endif
}

// Sums in registers, while much is added.
struct LightSums {
#ifdef __AVX2__
    __m256i v[4];

    static RESIDUA_INLINE LightSums zero() {
        const __m256i zero = _mm256_setzero_si256();
        return {{zero, zero, zero, zero}};
    }
    RESIDUA_INLINE void add(const int16_t* row, int32_t factor) {
        const __m256i f = _mm256_set1_epi16(static_cast<int16_t>(factor));
        RESIDUA_UNROLL
        for (int i = 0; i < 4; ++i) {
            const __m256i r = _mm256_load_si256(reinterpret_cast<const __m256i*>(row + 16 * i));
            v[i] = _mm256_add_epi16(v[i], _mm256_mulhrs_epi16(r, f));
        }
    }
    RESIDUA_INLINE void store(int16_t* to) const {
        RESIDUA_UNROLL
        for (int i = 0; i < 4; ++i) _mm256_store_si256(reinterpret_cast<__m256i*>(to + 16 * i), v[i]);
    }
#else
    alignas(32) int16_t v[64];

    static RESIDUA_INLINE LightSums zero() { return {}; }
    RESIDUA_INLINE void add(const int16_t* row, int32_t factor) { add_row(v, row, factor); }
    RESIDUA_INLINE void store(int16_t* to) const {
        for (int i = 0; i < 64; ++i) to[i] = v[i];
    }
#endif
    RESIDUA_INLINE void add_all(const int16_t (&rows)[64][64], const int16_t* factors, int32_t scale,
                                uint64_t which) {
        for (; which != 0; which &= which - 1) {
            const int p = __builtin_ctzll(which);
            add(rows[p], factors[p] * scale);
        }
    }
};

// to[i] = min(3 · (|left| + |above|) + |above_left| + |above_right|, kMostAround), values within ±kMostLight.
RESIDUA_INLINE void sizes_around(const int16_t* left, const int16_t* above, const int16_t* above_left,
                                 const int16_t* above_right, int16_t* to) {
    for (int i = 0; i < 64; ++i) {
        const int beside = static_cast<int>(size_of(left[i]) + size_of(above[i]));
        const int all = 3 * beside + static_cast<int>(size_of(above_left[i]) + size_of(above_right[i]));
        to[i] = static_cast<int16_t>(least(all, kMostAround));
    }
}

// Sixteenths of a step as a level of 0 … 39.
RESIDUA_INLINE uint32_t expected_level(int16_t sum) {
    return fine_level(static_cast<uint16_t>(sum), kExpectedLevels - 1);
}

}  // namespace residua::jpeg::RESIDUA_SIMD
