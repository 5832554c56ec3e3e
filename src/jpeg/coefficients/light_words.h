// Sixteen numbers of 16 bits, for the light coder: docs/format-jpeg-light.md. Plain, and in a register where there is
// one of that size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jpeg/coefficients/kernels.h"

namespace residua::jpeg::RESIDUA_SIMD {

inline constexpr int kWords = 16;

#ifdef __AVX2__

struct Words {
    __m256i v;

    // From anywhere.
    static RESIDUA_INLINE Words load(const int16_t* from) {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))};
    }
    static RESIDUA_INLINE Words all(int value) { return {_mm256_set1_epi16(static_cast<int16_t>(value))}; }
    // 1, 2, … 16.
    static RESIDUA_INLINE Words places() {
        return {_mm256_setr_epi16(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)};
    }
    RESIDUA_INLINE void store(void* to) const { _mm256_storeu_si256(static_cast<__m256i*>(to), v); }
};
// Modulo 2^16.
RESIDUA_INLINE Words operator+(Words a, Words b) { return {_mm256_add_epi16(a.v, b.v)}; }
RESIDUA_INLINE Words operator-(Words a, Words b) { return {_mm256_sub_epi16(a.v, b.v)}; }
RESIDUA_INLINE Words operator*(Words a, Words b) { return {_mm256_mullo_epi16(a.v, b.v)}; }
RESIDUA_INLINE Words magnitude(Words a) { return {_mm256_abs_epi16(a.v)}; }
RESIDUA_INLINE Words least_unsigned(Words a, Words b) { return {_mm256_min_epu16(a.v, b.v)}; }
// (a · b + 2^14) >> 15; not both −2^15.
RESIDUA_INLINE Words rounded_product(Words a, Words b) { return {_mm256_mulhrs_epi16(a.v, b.v)}; }
// (a · b) >> 16 without signs.
RESIDUA_INLINE Words high_product(Words a, Words b) { return {_mm256_mulhi_epu16(a.v, b.v)}; }
RESIDUA_INLINE Words shifted_right(Words a, int count) {
    return {_mm256_sra_epi16(a.v, _mm_cvtsi32_si128(count))};
}
// Of numbers without signs that rise: how many are not above `value`; at most 15.
RESIDUA_INLINE uint32_t not_above(Words a, uint32_t value) {
    const __m256i low = _mm256_min_epu16(a.v, _mm256_set1_epi16(static_cast<int16_t>(value)));
    const auto mask =
        ~static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi16(low, a.v))) | 0x80000000u;
    return static_cast<uint32_t>(__builtin_ctz(mask)) >> 1;
}
// Of numbers below 2^15 / 16.
RESIDUA_INLINE uint32_t sum(Words a) {
    const __m256i pairs = _mm256_madd_epi16(a.v, _mm256_set1_epi16(1));
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    const __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    return static_cast<uint32_t>(_mm_cvtsi128_si32(two) + _mm_extract_epi32(two, 1));
}
// Which of 64 are not 0.
RESIDUA_INLINE uint64_t others_than_zero(const int16_t* from) {
    const __m256i zero = _mm256_setzero_si256();
    uint64_t mask = 0;
    for (int i = 0; i < 64; i += 32) {
        const __m256i low = _mm256_cmpeq_epi16(Words::load(from + i).v, zero);
        const __m256i high = _mm256_cmpeq_epi16(Words::load(from + i + 16).v, zero);
        const __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi16(low, high), 0xd8);
        mask |= uint64_t{static_cast<uint32_t>(~_mm256_movemask_epi8(both))} << i;
    }
    return mask;
}

#else

struct Words {
    int16_t v[kWords];

    static RESIDUA_INLINE Words load(const int16_t* from) {
        Words words;
        __builtin_memcpy(words.v, from, sizeof words.v);
        return words;
    }
    template <class Of>
    static RESIDUA_INLINE Words each(const Of& of) {
        Words words;
        for (int i = 0; i < kWords; ++i) words.v[i] = static_cast<int16_t>(of(i));
        return words;
    }
    static RESIDUA_INLINE Words all(int value) {
        return each([=](int) { return value; });
    }
    static RESIDUA_INLINE Words places() {
        return each([](int i) { return i + 1; });
    }
    RESIDUA_INLINE void store(void* to) const { __builtin_memcpy(to, v, sizeof v); }
    RESIDUA_INLINE uint32_t raw(int i) const { return static_cast<uint16_t>(v[i]); }
};
RESIDUA_INLINE Words operator+(const Words& a, const Words& b) {
    return Words::each([&](int i) { return a.v[i] + b.v[i]; });
}
RESIDUA_INLINE Words operator-(const Words& a, const Words& b) {
    return Words::each([&](int i) { return a.v[i] - b.v[i]; });
}
RESIDUA_INLINE Words operator*(const Words& a, const Words& b) {
    return Words::each([&](int i) { return a.v[i] * b.v[i]; });
}
RESIDUA_INLINE Words magnitude(const Words& a) {
    return Words::each([&](int i) { return a.v[i] < 0 ? -a.v[i] : a.v[i]; });
}
RESIDUA_INLINE Words least_unsigned(const Words& a, const Words& b) {
    return Words::each([&](int i) { return a.raw(i) < b.raw(i) ? a.v[i] : b.v[i]; });
}
RESIDUA_INLINE Words rounded_product(const Words& a, const Words& b) {
    return Words::each([&](int i) { return (a.v[i] * b.v[i] + (1 << 14)) >> 15; });
}
RESIDUA_INLINE Words high_product(const Words& a, const Words& b) {
    return Words::each([&](int i) { return a.raw(i) * b.raw(i) >> 16; });
}
RESIDUA_INLINE Words shifted_right(const Words& a, int count) {
    return Words::each([&](int i) { return a.v[i] >> count; });
}
RESIDUA_INLINE uint32_t not_above(const Words& a, uint32_t value) {
    uint32_t count = 0;
    for (int i = 0; i < kWords - 1; ++i) count += a.raw(i) <= value;
    return count;
}
RESIDUA_INLINE uint32_t sum(const Words& a) {
    uint32_t total = 0;
    for (int i = 0; i < kWords; ++i) total += a.raw(i);
    return total;
}
RESIDUA_INLINE uint64_t others_than_zero(const int16_t* from) {
    uint64_t mask = 0;
    for (int i = 0; i < 64; ++i) mask |= uint64_t{from[i] != 0} << i;
    return mask;
}

#endif

}  // namespace residua::jpeg::RESIDUA_SIMD
