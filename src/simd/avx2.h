// AVX2: registers of 256 bits. For files compiled with -mavx2 (residua_kernel_sources in CMake) only.
#pragma once

#include <immintrin.h>

#define RESIDUA_SIMD avx2
#include "simd/vectors.h"
#include "simd/x86_transpose.h"

namespace residua::simd::avx2 {

constexpr int kNative = 8;      // lanes of 32 bits in a register
constexpr int kRegisters = 16;  // of vectors

RESIDUA_INLINE __m256i load_256(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
RESIDUA_INLINE __m128i load_128(const void* from) {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
}
RESIDUA_INLINE void store_256(void* to, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(to), v); }

template <>
struct Int32<8> {
    __m256i v;

    static RESIDUA_INLINE Int32 load(const int32_t* from) { return {load_256(from)}; }
    static RESIDUA_INLINE Int32 load(const int16_t* from) { return {_mm256_cvtepi16_epi32(load_128(from))}; }
    static RESIDUA_INLINE Int32 load(const uint8_t* from) {
        return {_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)))};
    }
    static RESIDUA_INLINE Int32 all(int32_t value) { return {_mm256_set1_epi32(value)}; }
    RESIDUA_INLINE void store(int32_t* to) const { store_256(to, v); }
};

template <>
struct Float32<8> {
    __m256 v;

    static RESIDUA_INLINE Float32 load(const float* from) { return {_mm256_loadu_ps(from)}; }
    static RESIDUA_INLINE Float32 all(float value) { return {_mm256_set1_ps(value)}; }
    RESIDUA_INLINE void store(float* to) const { _mm256_storeu_ps(to, v); }
};

// All bits of a lane, or none.
template <>
struct Mask32<8> {
    __m256i v;

    static RESIDUA_INLINE Mask32 range(int first, int end) {
        const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        return {_mm256_and_si256(_mm256_cmpgt_epi32(lane, _mm256_set1_epi32(first - 1)),
                                 _mm256_cmpgt_epi32(_mm256_set1_epi32(end), lane))};
    }
};

using Ints = Int32<kNative>;
using Floats = Float32<kNative>;
using Masks = Mask32<kNative>;

RESIDUA_INLINE Ints operator+(Ints a, Ints b) { return {_mm256_add_epi32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator-(Ints a, Ints b) { return {_mm256_sub_epi32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator*(Ints a, Ints b) { return {_mm256_mullo_epi32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator&(Ints a, Ints b) { return {_mm256_and_si256(a.v, b.v)}; }
RESIDUA_INLINE Ints operator|(Ints a, Ints b) { return {_mm256_or_si256(a.v, b.v)}; }
RESIDUA_INLINE Ints operator<<(Ints a, Ints count) { return {_mm256_sllv_epi32(a.v, count.v)}; }
RESIDUA_INLINE Ints operator>>(Ints a, Ints count) { return {_mm256_srav_epi32(a.v, count.v)}; }
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, Ints count) { return {_mm256_srlv_epi32(a.v, count.v)}; }
RESIDUA_INLINE Ints operator<<(Ints a, int count) { return {_mm256_slli_epi32(a.v, count)}; }
RESIDUA_INLINE Ints operator>>(Ints a, int count) { return {_mm256_srai_epi32(a.v, count)}; }
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, int count) { return {_mm256_srli_epi32(a.v, count)}; }
RESIDUA_INLINE Ints min(Ints a, Ints b) { return {_mm256_min_epi32(a.v, b.v)}; }
RESIDUA_INLINE Ints max(Ints a, Ints b) { return {_mm256_max_epi32(a.v, b.v)}; }

RESIDUA_INLINE Masks operator>(Ints a, Ints b) { return {_mm256_cmpgt_epi32(a.v, b.v)}; }
RESIDUA_INLINE Masks operator==(Ints a, Ints b) { return {_mm256_cmpeq_epi32(a.v, b.v)}; }
RESIDUA_INLINE Masks operator&(Masks a, Masks b) { return {_mm256_and_si256(a.v, b.v)}; }
RESIDUA_INLINE Masks operator|(Masks a, Masks b) { return {_mm256_or_si256(a.v, b.v)}; }
RESIDUA_INLINE Masks operator~(Masks a) { return {_mm256_xor_si256(a.v, _mm256_set1_epi32(-1))}; }
RESIDUA_INLINE Masks operator!=(Ints a, Ints b) { return ~(a == b); }
RESIDUA_INLINE bool any(Masks a) { return _mm256_movemask_epi8(a.v) != 0; }
RESIDUA_INLINE Ints select(Masks mask, Ints yes, Ints no) {
    return {_mm256_blendv_epi8(no.v, yes.v, mask.v)};
}
RESIDUA_INLINE Floats select(Masks mask, Floats yes, Floats no) {
    return {_mm256_blendv_ps(no.v, yes.v, _mm256_castsi256_ps(mask.v))};
}
RESIDUA_INLINE Ints select_negative(Ints a, Ints yes, Ints no) {  // yes where a < 0
    return {_mm256_castps_si256(
        _mm256_blendv_ps(_mm256_castsi256_ps(no.v), _mm256_castsi256_ps(yes.v), _mm256_castsi256_ps(a.v)))};
}

RESIDUA_INLINE Floats operator+(Floats a, Floats b) { return {_mm256_add_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats operator-(Floats a, Floats b) { return {_mm256_sub_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats operator*(Floats a, Floats b) { return {_mm256_mul_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats operator/(Floats a, Floats b) { return {_mm256_div_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats min(Floats a, Floats b) { return {_mm256_min_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats max(Floats a, Floats b) { return {_mm256_max_ps(a.v, b.v)}; }
RESIDUA_INLINE Floats to_float(Ints a) { return {_mm256_cvtepi32_ps(a.v)}; }
RESIDUA_INLINE Ints truncate(Floats a) { return {_mm256_cvttps_epi32(a.v)}; }
RESIDUA_INLINE Ints bits(Floats a) { return {_mm256_castps_si256(a.v)}; }
RESIDUA_INLINE Floats from_bits(Ints a) { return {_mm256_castsi256_ps(a.v)}; }
RESIDUA_INLINE Floats moved_on(Floats before, Floats a) {
    const __m256 joint = _mm256_permute2f128_ps(before.v, a.v, 0x21);  // before's upper half, a's lower
    return {
        _mm256_castsi256_ps(_mm256_alignr_epi8(_mm256_castps_si256(a.v), _mm256_castps_si256(joint), 12))};
}
RESIDUA_INLINE float last_lane(Floats a) {
    const __m128 upper = _mm256_extractf128_ps(a.v, 1);
    return _mm_cvtss_f32(_mm_shuffle_ps(upper, upper, 3));
}

RESIDUA_INLINE int32_t sum(Ints a) {
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(a.v), _mm256_extracti128_si256(a.v, 1));
    const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1))));
}
// From the exponent of a float; clearing the bit below each leading one keeps the conversion from rounding up
// to the next power of two. A number with the highest bit set converts to a negative one.
RESIDUA_INLINE Ints leading_zeros(Ints a) {
    const __m256 rounded = _mm256_cvtepi32_ps(_mm256_andnot_si256(_mm256_srli_epi32(a.v, 1), a.v));
    const Ints exponent = {_mm256_srli_epi32(_mm256_castps_si256(rounded), 23)};
    return max(Ints::all(127 + 31) - exponent, Ints::all(0));
}
RESIDUA_INLINE Ints gather(const int32_t* table, Ints index) {
    return {_mm256_i32gather_epi32(table, index.v, 4)};
}
RESIDUA_INLINE Ints from_lanes(const int32_t* l) {
    return {_mm256_setr_epi32(l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7])};
}
RESIDUA_INLINE Ints look_up_32(const int32_t* table, Ints index) { return gather(table, index); }

// Exact: the number becomes the low bits of 2^52 + number.
RESIDUA_INLINE __m256d unsigned_to_double(__m128i a) {
    const __m256d two_52 = _mm256_set1_pd(0x1p52);
    const __m256i wide = _mm256_or_si256(_mm256_cvtepu32_epi64(a), _mm256_castpd_si256(two_52));
    return _mm256_sub_pd(_mm256_castsi256_pd(wide), two_52);
}
RESIDUA_INLINE Ints divide_unsigned(double numerator, Ints a, double offset) {
    const __m256d n = _mm256_set1_pd(numerator);
    const __m256d o = _mm256_set1_pd(offset);
    const __m256d low = _mm256_add_pd(unsigned_to_double(_mm256_castsi256_si128(a.v)), o);
    const __m256d high = _mm256_add_pd(unsigned_to_double(_mm256_extracti128_si256(a.v, 1)), o);
    return {_mm256_set_m128i(_mm256_cvttpd_epi32(_mm256_div_pd(n, high)),
                             _mm256_cvttpd_epi32(_mm256_div_pd(n, low)))};
}

// Products of 64 bits, of lanes 0, 2, … and 1, 3, …
struct Wide {
    __m256i even, odd;
};
struct Factor {
    __m256i even, odd;
};
RESIDUA_INLINE __m256i odd_lanes(__m256i v) { return _mm256_srli_epi64(v, 32); }
RESIDUA_INLINE Factor factor(Ints a) { return {a.v, odd_lanes(a.v)}; }
RESIDUA_INLINE Wide operator*(Ints a, Factor b) {
    return {_mm256_mul_epi32(a.v, b.even), _mm256_mul_epi32(odd_lanes(a.v), b.odd)};
}
RESIDUA_INLINE Wide operator+(Wide a, Wide b) {
    return {_mm256_add_epi64(a.even, b.even), _mm256_add_epi64(a.odd, b.odd)};
}
RESIDUA_INLINE Wide shift_left_wide(int64_t value, Ints count) {
    const __m256i v = _mm256_set1_epi64x(value);
    return {_mm256_sllv_epi64(v, _mm256_and_si256(count.v, _mm256_set1_epi64x(0xffffffff))),
            _mm256_sllv_epi64(v, odd_lanes(count.v))};
}
RESIDUA_INLINE Ints high_halves(Wide a) { return {_mm256_blend_epi32(odd_lanes(a.even), a.odd, 0xaa)}; }
RESIDUA_INLINE Ints multiply_high_unsigned(Ints a, Ints b) {
    return high_halves({_mm256_mul_epu32(a.v, b.v), _mm256_mul_epu32(odd_lanes(a.v), odd_lanes(b.v))});
}

struct Int16 {
    __m256i v;

    static RESIDUA_INLINE Int16 load(const int16_t* from) { return {load_256(from)}; }
    static RESIDUA_INLINE Int16 load(const uint8_t* from) { return {_mm256_cvtepu8_epi16(load_128(from))}; }
    static RESIDUA_INLINE Int16 all(int value) { return {_mm256_set1_epi16(static_cast<int16_t>(value))}; }
    RESIDUA_INLINE void store(void* to) const { store_256(to, v); }
    RESIDUA_INLINE void store_saturated(uint8_t* to) const {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                         _mm_packus_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
    }
};
RESIDUA_INLINE Int16 operator+(Int16 a, Int16 b) { return {_mm256_add_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 operator-(Int16 a, Int16 b) { return {_mm256_sub_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 operator*(Int16 a, Int16 b) { return {_mm256_mullo_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 shift_right_unsigned(Int16 a, int count) { return {_mm256_srli_epi16(a.v, count)}; }
RESIDUA_INLINE Int16 max(Int16 a, Int16 b) { return {_mm256_max_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 subtract_saturated(Int16 a, Int16 b) { return {_mm256_subs_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 interleave_low(Int16 a, Int16 b) { return {_mm256_unpacklo_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 interleave_high(Int16 a, Int16 b) { return {_mm256_unpackhi_epi16(a.v, b.v)}; }
RESIDUA_INLINE Int16 as_words(Ints a) { return {a.v}; }
RESIDUA_INLINE Ints multiply_pairs(Int16 a, Int16 b) { return {_mm256_madd_epi16(a.v, b.v)}; }
#ifdef __AVXVNNI__  // the files of that set, which have these registers and everything else of this header
RESIDUA_INLINE Ints add_pairs(Ints sum, Int16 a, Int16 b) {
    return {_mm256_dpwssd_avx_epi32(sum.v, a.v, b.v)};
}
#else
RESIDUA_INLINE Ints add_pairs(Ints sum, Int16 a, Int16 b) { return sum + multiply_pairs(a, b); }
#endif

struct Int8 {
    __m256i v;

    static RESIDUA_INLINE Int8 all(int value) { return {_mm256_set1_epi8(static_cast<char>(value))}; }
    RESIDUA_INLINE void store(void* to) const { store_256(to, v); }
};
RESIDUA_INLINE Int8 operator^(Int8 a, Int8 b) { return {_mm256_xor_si256(a.v, b.v)}; }
RESIDUA_INLINE Int8 max_unsigned(Int8 a, Int8 b) { return {_mm256_max_epu8(a.v, b.v)}; }

RESIDUA_INLINE Int16 pack(Ints a, Ints b) { return {_mm256_packs_epi32(a.v, b.v)}; }
RESIDUA_INLINE Int8 pack(Int16 a, Int16 b) { return {_mm256_packs_epi16(a.v, b.v)}; }
RESIDUA_INLINE __m256i order_quarters(__m256i v) {
    return _mm256_permute4x64_epi64(v, _MM_SHUFFLE(3, 1, 2, 0));
}
RESIDUA_INLINE Int16 packed_once(Int16 a) { return {order_quarters(a.v)}; }
RESIDUA_INLINE Int8 packed_once(Int8 a) { return {order_quarters(a.v)}; }
RESIDUA_INLINE Int8 packed_twice(Int8 a) {
    return {_mm256_permutevar8x32_epi32(a.v, _mm256_set_epi32(7, 3, 6, 2, 5, 1, 4, 0))};
}

class Neighbours64 {
  public:
    explicit RESIDUA_INLINE Neighbours64(const uint16_t* table) {
        for (int i = 0; i < 64; ++i)
            pairs_[i] = static_cast<int32_t>(table[i] | static_cast<uint32_t>(table[i + 1]) << 16);
    }
    RESIDUA_INLINE Ints at_top_bits(Ints a) const { return gather(pairs_, shift_right_unsigned(a, 26)); }

  private:
    int32_t pairs_[64];
};

}  // namespace residua::simd::avx2
