// AVX-512 (F, BW, DQ, VL, CD): registers of 512 bits. For files compiled with these (residua_kernel_sources
// in CMake) only.
#pragma once

#include <immintrin.h>

#define RESIDUA_SIMD avx512
#include "simd/vectors.h"
#include "simd/x86_transpose.h"

namespace residua::simd::avx512 {

constexpr int kNative = 16;     // lanes of 32 bits in a register
constexpr int kRegisters = 32;  // of vectors

RESIDUA_INLINE __m256i load_256(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

template <>
struct Int32<16> {
    __m512i v;

    static RESIDUA_INLINE Int32 load(const int32_t* from) { return {_mm512_loadu_si512(from)}; }
    static RESIDUA_INLINE Int32 load(const int16_t* from) { return {_mm512_cvtepi16_epi32(load_256(from))}; }
    static RESIDUA_INLINE Int32 load(const uint8_t* from) {
        return {_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)))};
    }
    static RESIDUA_INLINE Int32 all(int32_t value) { return {_mm512_set1_epi32(value)}; }
    RESIDUA_INLINE void store(int32_t* to) const { _mm512_storeu_si512(to, v); }
};

template <>
struct Float32<16> {
    __m512 v;

    static RESIDUA_INLINE Float32 load(const float* from) { return {_mm512_loadu_ps(from)}; }
    static RESIDUA_INLINE Float32 all(float value) { return {_mm512_set1_ps(value)}; }
    RESIDUA_INLINE void store(float* to) const { _mm512_storeu_ps(to, v); }
};

template <>
struct Mask32<16> {
    __mmask16 v;

    static RESIDUA_INLINE Mask32 range(int first, int end) {
        return {static_cast<__mmask16>((1 << end) - (1 << first))};
    }
};

using Ints = Int32<kNative>;
using Floats = Float32<kNative>;
using Masks = Mask32<kNative>;

RESIDUA_INLINE Ints operator+(Ints a, Ints b) { return {_mm512_add_epi32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator-(Ints a, Ints b) { return {_mm512_sub_epi32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator*(Ints a, Ints b) { return {_mm512_mullo_epi32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator&(Ints a, Ints b) { return {_mm512_and_si512(a.v, b.v)}; }
RESIDUA_INLINE Ints operator|(Ints a, Ints b) { return {_mm512_or_si512(a.v, b.v)}; }
RESIDUA_INLINE Ints operator<<(Ints a, Ints count) { return {_mm512_sllv_epi32(a.v, count.v)}; }
RESIDUA_INLINE Ints operator>>(Ints a, Ints count) { return {_mm512_srav_epi32(a.v, count.v)}; }
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, Ints count) { return {_mm512_srlv_epi32(a.v, count.v)}; }
RESIDUA_INLINE Ints operator<<(Ints a, int count) {
    return {_mm512_slli_epi32(a.v, static_cast<unsigned>(count))};
}
RESIDUA_INLINE Ints operator>>(Ints a, int count) {
    return {_mm512_srai_epi32(a.v, static_cast<unsigned>(count))};
}
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, int count) {
    return {_mm512_srli_epi32(a.v, static_cast<unsigned>(count))};
}
RESIDUA_INLINE Ints min(Ints a, Ints b) { return {_mm512_min_epi32(a.v, b.v)}; }
RESIDUA_INLINE Ints max(Ints a, Ints b) { return {_mm512_max_epi32(a.v, b.v)}; }

RESIDUA_INLINE Masks operator>(Ints a, Ints b) { return {_mm512_cmpgt_epi32_mask(a.v, b.v)}; }
RESIDUA_INLINE Masks operator==(Ints a, Ints b) { return {_mm512_cmpeq_epi32_mask(a.v, b.v)}; }
RESIDUA_INLINE Masks operator!=(Ints a, Ints b) { return {_mm512_cmpneq_epi32_mask(a.v, b.v)}; }
RESIDUA_INLINE Masks operator&(Masks a, Masks b) { return {_kand_mask16(a.v, b.v)}; }
RESIDUA_INLINE Masks operator|(Masks a, Masks b) { return {_kor_mask16(a.v, b.v)}; }
RESIDUA_INLINE Masks operator~(Masks a) { return {_knot_mask16(a.v)}; }
RESIDUA_INLINE bool any(Masks a) { return a.v != 0; }
RESIDUA_INLINE Ints select(Masks mask, Ints yes, Ints no) {
    return {_mm512_mask_blend_epi32(mask.v, no.v, yes.v)};
}
RESIDUA_INLINE Floats select(Masks mask, Floats yes, Floats no) {
    return {_mm512_mask_blend_ps(mask.v, no.v, yes.v)};
}
RESIDUA_INLINE Ints select_negative(Ints a, Ints yes, Ints no) {  // yes where a < 0
    return {_mm512_mask_mov_epi32(no.v, _mm512_movepi32_mask(a.v), yes.v)};
}

RESIDUA_INLINE Floats operator+(Floats a, Floats b) { return {_mm512_add_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats operator-(Floats a, Floats b) { return {_mm512_sub_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats operator*(Floats a, Floats b) { return {_mm512_mul_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats operator/(Floats a, Floats b) { return {_mm512_div_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats min(Floats a, Floats b) { return {_mm512_min_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats max(Floats a, Floats b) { return {_mm512_max_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats to_float(Ints a) { return {_mm512_cvtepi32_ps(a.v)}; }
RESIDUA_INLINE Ints truncate(Floats a) { return {_mm512_cvttps_epi32(a.v)}; }
RESIDUA_INLINE Ints bits(Floats a) { return {_mm512_castps_si512(a.v)}; }
RESIDUA_INLINE Floats from_bits(Ints a) { return {_mm512_castsi512_ps(a.v)}; }
RESIDUA_INLINE Floats moved_on(Floats before, Floats a) {
    return from_bits({_mm512_alignr_epi32(bits(a).v, bits(before).v, 15)});
}
RESIDUA_INLINE float last_lane(Floats a) {
    const __m128 last = _mm512_extractf32x4_ps(a.v, 3);
    return _mm_cvtss_f32(_mm_shuffle_ps(last, last, 3));
}

RESIDUA_INLINE int32_t sum(Ints a) { return _mm512_reduce_add_epi32(a.v); }
RESIDUA_INLINE Ints leading_zeros(Ints a) { return {_mm512_lzcnt_epi32(a.v)}; }
RESIDUA_INLINE Ints gather(const int32_t* table, Ints index) {
    return {_mm512_i32gather_epi32(index.v, table, 4)};
}
RESIDUA_INLINE Ints from_lanes(const int32_t* l) {
    return {_mm512_setr_epi32(l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7], l[8], l[9], l[10], l[11], l[12],
                              l[13], l[14], l[15])};
}
RESIDUA_INLINE Ints look_up_32(const int32_t* table, Ints index) {
    return {_mm512_permutex2var_epi32(Ints::load(table).v, index.v, Ints::load(table + 16).v)};
}
RESIDUA_INLINE Ints divide_unsigned(double numerator, Ints a, double offset) {
    const __m512d n = _mm512_set1_pd(numerator);
    const __m512d o = _mm512_set1_pd(offset);
    const __m512d low = _mm512_add_pd(_mm512_cvtepu32_pd(_mm512_castsi512_si256(a.v)), o);
    const __m512d high = _mm512_add_pd(_mm512_cvtepu32_pd(_mm512_extracti64x4_epi64(a.v, 1)), o);
    return {_mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvttpd_epu32(_mm512_div_pd(n, low))),
                               _mm512_cvttpd_epu32(_mm512_div_pd(n, high)), 1)};
}

// Products of 64 bits, of lanes 0, 2, … and 1, 3, …
struct Wide {
    __m512i even, odd;
};
struct Factor {
    __m512i even, odd;
};
RESIDUA_INLINE __m512i odd_lanes(__m512i v) { return _mm512_srli_epi64(v, 32); }
RESIDUA_INLINE Factor factor(Ints a) { return {a.v, odd_lanes(a.v)}; }
RESIDUA_INLINE Wide operator*(Ints a, Factor b) {
    return {_mm512_mul_epi32(a.v, b.even), _mm512_mul_epi32(odd_lanes(a.v), b.odd)};
}
RESIDUA_INLINE Wide operator+(Wide a, Wide b) {
    return {_mm512_add_epi64(a.even, b.even), _mm512_add_epi64(a.odd, b.odd)};
}
RESIDUA_INLINE Wide shift_left_wide(int64_t value, Ints count) {
    const __m512i v = _mm512_set1_epi64(value);
    return {_mm512_sllv_epi64(v, _mm512_and_si512(count.v, _mm512_set1_epi64(0xffffffff))),
            _mm512_sllv_epi64(v, odd_lanes(count.v))};
}
RESIDUA_INLINE Ints high_halves(Wide a) {
    const __m512i index = _mm512_set_epi32(31, 15, 29, 13, 27, 11, 25, 9, 23, 7, 21, 5, 19, 3, 17, 1);
    return {_mm512_permutex2var_epi32(a.even, index, a.odd)};
}
RESIDUA_INLINE Ints multiply_high_unsigned(Ints a, Ints b) {
    const __m512i even = odd_lanes(_mm512_mul_epu32(a.v, b.v));
    return {_mm512_mask_blend_epi32(0xaaaa, even, _mm512_mul_epu32(odd_lanes(a.v), odd_lanes(b.v)))};
}

struct Int16 {
    __m512i v;

    static RESIDUA_INLINE Int16 load(const int16_t* from) { return {_mm512_loadu_si512(from)}; }
    static RESIDUA_INLINE Int16 load(const uint8_t* from) { return {_mm512_cvtepu8_epi16(load_256(from))}; }
    static RESIDUA_INLINE Int16 all(int value) { return {_mm512_set1_epi16(static_cast<int16_t>(value))}; }
    RESIDUA_INLINE void store(void* to) const { _mm512_storeu_si512(to, v); }
    RESIDUA_INLINE void store_saturated(uint8_t* to) const {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtusepi16_epi8(v));
    }
};
RESIDUA_INLINE Int16 operator+(Int16 a, Int16 b) { return {_mm512_add_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 operator-(Int16 a, Int16 b) { return {_mm512_sub_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 operator*(Int16 a, Int16 b) { return {_mm512_mullo_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 shift_right_unsigned(Int16 a, int count) {
    return {_mm512_srli_epi16(a.v, static_cast<unsigned>(count))};
}
RESIDUA_INLINE Int16 max(Int16 a, Int16 b) { return {_mm512_max_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 subtract_saturated(Int16 a, Int16 b) { return {_mm512_subs_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 interleave_low(Int16 a, Int16 b) { return {_mm512_unpacklo_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 interleave_high(Int16 a, Int16 b) { return {_mm512_unpackhi_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 as_words(Ints a) { return {a.v}; }
RESIDUA_INLINE Ints multiply_pairs(Int16 a, Int16 b) { return {_mm512_madd_epi16(a.v, b.v)}; }
RESIDUA_INLINE Ints add_pairs(Ints sum, Int16 a, Int16 b) { return {_mm512_dpwssd_epi32(sum.v, a.v, b.v)}; }

struct Int8 {
    __m512i v;

    static RESIDUA_INLINE Int8 all(int value) { return {_mm512_set1_epi8(static_cast<char>(value))}; }
    RESIDUA_INLINE void store(void* to) const { _mm512_storeu_si512(to, v); }
};
RESIDUA_INLINE Int8 operator^(Int8 a, Int8 b) { return {_mm512_xor_si512(a.v, b.v)}; }
RESIDUA_INLINE Int8 max_unsigned(Int8 a, Int8 b) { return {_mm512_max_epu8(a.v, b.v)}; }

RESIDUA_INLINE Int16 pack(Ints a, Ints b) { return {_mm512_packs_epi32(a.v, b.v)}; }
RESIDUA_INLINE Int8 pack(Int16 a, Int16 b) { return {_mm512_packs_epi16(a.v, b.v)}; }
RESIDUA_INLINE __m512i order_eighths(__m512i v) {
    return _mm512_permutexvar_epi64(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), v);
}
RESIDUA_INLINE Int16 packed_once(Int16 a) { return {order_eighths(a.v)}; }
RESIDUA_INLINE Int8 packed_once(Int8 a) { return {order_eighths(a.v)}; }
RESIDUA_INLINE Int8 packed_twice(Int8 a) {
    return {_mm512_permutexvar_epi32(_mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0),
                                     a.v)};
}

// The table is two registers of 32 words; its last word, 64, lies at 0.
class Neighbours64 {
  public:
    explicit RESIDUA_INLINE Neighbours64(const uint16_t* table)
        : first_(_mm512_mask_blend_epi16(1, _mm512_loadu_si512(table), Int16::all(table[64]).v)),
          second_(_mm512_loadu_si512(table + 32)) {}
    RESIDUA_INLINE Ints at_top_bits(Ints a) const {
        // Both words of each lane in one look-up, which looks at 6 bits of an index.
        const __m512i at =
            _mm512_mask_blend_epi16(0xaaaaaaaa, shift_right_unsigned(a, 26).v, shift_right_unsigned(a, 10).v);
        return {_mm512_permutex2var_epi16(first_, _mm512_add_epi32(at, _mm512_set1_epi32(1 << 16)), second_)};
    }

  private:
    __m512i first_, second_;
};

}  // namespace residua::simd::avx512
