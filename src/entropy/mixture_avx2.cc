// Mixture kernels for AVX2: 16 pixels are two registers.
#include <immintrin.h>

#include "entropy/transpose_avx2.h"

namespace residua::entropy {

namespace {

struct Simd {
    struct Int {
        __m256i a, b;
    };
    struct Float {
        __m256 a, b;
    };
    struct Mask {
        __m256i a, b;
    };

    static Int load(const int32_t* from) {
        return {_mm256_load_si256(reinterpret_cast<const __m256i*>(from)),
                _mm256_load_si256(reinterpret_cast<const __m256i*>(from + 8))};
    }
    static Int load_unaligned(const int32_t* from) {
        return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)),
                _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 8))};
    }
    static void store(int32_t* to, Int v) {
        _mm256_store_si256(reinterpret_cast<__m256i*>(to), v.a);
        _mm256_store_si256(reinterpret_cast<__m256i*>(to + 8), v.b);
    }
    static Int set(int value) { return {_mm256_set1_epi32(value), _mm256_set1_epi32(value)}; }
    static Int add(Int v, Int w) { return {_mm256_add_epi32(v.a, w.a), _mm256_add_epi32(v.b, w.b)}; }
    static Int sub(Int v, Int w) { return {_mm256_sub_epi32(v.a, w.a), _mm256_sub_epi32(v.b, w.b)}; }
    static Int multiply(Int v, Int w) { return {_mm256_mullo_epi32(v.a, w.a), _mm256_mullo_epi32(v.b, w.b)}; }
    static Int multiply_high(Int v, Int w) { return {high_half(v.a, w.a), high_half(v.b, w.b)}; }  // unsigned
    static int sum(Int v) {
        const __m256i eight = _mm256_add_epi32(v.a, v.b);
        const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
        const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
        return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1))));
    }
    static Int bits_and(Int v, Int w) { return {_mm256_and_si256(v.a, w.a), _mm256_and_si256(v.b, w.b)}; }
    static Int min(Int v, Int w) { return {_mm256_min_epi32(v.a, w.a), _mm256_min_epi32(v.b, w.b)}; }
    static Int max(Int v, Int w) { return {_mm256_max_epi32(v.a, w.a), _mm256_max_epi32(v.b, w.b)}; }
    static Int shift_left(Int v, Int n) { return {_mm256_sllv_epi32(v.a, n.a), _mm256_sllv_epi32(v.b, n.b)}; }
    static Int shift_right(Int v, Int n) {
        return {_mm256_srlv_epi32(v.a, n.a), _mm256_srlv_epi32(v.b, n.b)};
    }
    static Int shift_right_signed(Int v, Int n) {
        return {_mm256_srav_epi32(v.a, n.a), _mm256_srav_epi32(v.b, n.b)};
    }
    template <int count>
    static Int shift_left(Int v) {
        return {_mm256_slli_epi32(v.a, count), _mm256_slli_epi32(v.b, count)};
    }
    template <int count>
    static Int shift_right(Int v) {
        return {_mm256_srli_epi32(v.a, count), _mm256_srli_epi32(v.b, count)};
    }
    template <int count>
    static Int shift_right_signed(Int v) {
        return {_mm256_srai_epi32(v.a, count), _mm256_srai_epi32(v.b, count)};
    }
    // Of a positive number; anything for 0.
    static Int leading_zeros(Int v) { return {zeros(v.a), zeros(v.b)}; }
    static Int gather(const int32_t* table, Int index) {
        return {_mm256_i32gather_epi32(table, index.a, 4), _mm256_i32gather_epi32(table, index.b, 4)};
    }
    static Int lookup_32(const int32_t* table, Int index) { return gather(table, index); }
    // floor(numerator / (a + offset)) for unsigned a; exact for integer numerators below 2^53.
    static Int divide(double numerator, Int v, double offset) {
        return {divide_8(numerator, v.a, offset), divide_8(numerator, v.b, offset)};
    }

    static Mask greater(Int v, Int w) { return {_mm256_cmpgt_epi32(v.a, w.a), _mm256_cmpgt_epi32(v.b, w.b)}; }
    static Mask equal(Int v, Int w) { return {_mm256_cmpeq_epi32(v.a, w.a), _mm256_cmpeq_epi32(v.b, w.b)}; }
    static Mask not_equal(Int v, Int w) { return negate(equal(v, w)); }
    static Mask range(int first, int end) {
        const __m256i low = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        const Int index = {low, _mm256_add_epi32(low, _mm256_set1_epi32(8))};
        return both(greater(index, set(first - 1)), greater(set(end), index));
    }
    static Mask both(Mask v, Mask w) { return {_mm256_and_si256(v.a, w.a), _mm256_and_si256(v.b, w.b)}; }
    static Mask either(Mask v, Mask w) { return {_mm256_or_si256(v.a, w.a), _mm256_or_si256(v.b, w.b)}; }
    static Mask negate(Mask v) {
        const __m256i ones = _mm256_set1_epi32(-1);
        return {_mm256_xor_si256(v.a, ones), _mm256_xor_si256(v.b, ones)};
    }
    static bool any(Mask v) { return _mm256_movemask_epi8(_mm256_or_si256(v.a, v.b)) != 0; }
    static Int select(Mask mask, Int yes, Int no) {
        return {_mm256_blendv_epi8(no.a, yes.a, mask.a), _mm256_blendv_epi8(no.b, yes.b, mask.b)};
    }
    static Float select(Mask mask, Float yes, Float no) {
        return {_mm256_blendv_ps(no.a, yes.a, _mm256_castsi256_ps(mask.a)),
                _mm256_blendv_ps(no.b, yes.b, _mm256_castsi256_ps(mask.b))};
    }

    static Float set(float value) { return {_mm256_set1_ps(value), _mm256_set1_ps(value)}; }
    static Float add(Float v, Float w) { return {_mm256_add_ps(v.a, w.a), _mm256_add_ps(v.b, w.b)}; }
    static Float sub(Float v, Float w) { return {_mm256_sub_ps(v.a, w.a), _mm256_sub_ps(v.b, w.b)}; }
    static Float multiply(Float v, Float w) { return {_mm256_mul_ps(v.a, w.a), _mm256_mul_ps(v.b, w.b)}; }
    static Float divide(Float v, Float w) { return {_mm256_div_ps(v.a, w.a), _mm256_div_ps(v.b, w.b)}; }
    static Float min(Float v, Float w) { return {_mm256_min_ps(v.a, w.a), _mm256_min_ps(v.b, w.b)}; }
    static Float max(Float v, Float w) { return {_mm256_max_ps(v.a, w.a), _mm256_max_ps(v.b, w.b)}; }
    static Float to_float(Int v) { return {_mm256_cvtepi32_ps(v.a), _mm256_cvtepi32_ps(v.b)}; }
    static Int truncate(Float v) { return {_mm256_cvttps_epi32(v.a), _mm256_cvttps_epi32(v.b)}; }
    static Int bits(Float v) { return {_mm256_castps_si256(v.a), _mm256_castps_si256(v.b)}; }
    static Float from_bits(Int v) { return {_mm256_castsi256_ps(v.a), _mm256_castsi256_ps(v.b)}; }

  private:
    static __m256i high_half(__m256i v, __m256i w) {
        const __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(v, w), 32);
        const __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64(v, 32), _mm256_srli_epi64(w, 32));
        return _mm256_blend_epi32(even, odd, 0xaa);
    }
    // Exact: the number becomes the low bits of 2^52 + number.
    static __m256d to_double(__m128i v) {
        const __m256d two_52 = _mm256_set1_pd(0x1p52);
        const __m256i wide = _mm256_or_si256(_mm256_cvtepu32_epi64(v), _mm256_castpd_si256(two_52));
        return _mm256_sub_pd(_mm256_castsi256_pd(wide), two_52);
    }
    static __m256i divide_8(double numerator, __m256i v, double offset) {
        const __m256d n = _mm256_set1_pd(numerator);
        const __m256d o = _mm256_set1_pd(offset);
        const __m256d low = _mm256_add_pd(to_double(_mm256_castsi256_si128(v)), o);
        const __m256d high = _mm256_add_pd(to_double(_mm256_extracti128_si256(v, 1)), o);
        return _mm256_set_m128i(_mm256_cvttpd_epi32(_mm256_div_pd(n, high)),
                                _mm256_cvttpd_epi32(_mm256_div_pd(n, low)));
    }
    static __m256i zeros(__m256i v) {
        // The exponents of the doubles are 1023 + 31 − zeros.
        const __m256i low = _mm256_srli_epi64(_mm256_castpd_si256(to_double(_mm256_castsi256_si128(v))), 52);
        const __m256i high =
            _mm256_srli_epi64(_mm256_castpd_si256(to_double(_mm256_extracti128_si256(v, 1))), 52);
        const __m256i packed = _mm256_permute4x64_epi64(
            _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high),
                                                  _MM_SHUFFLE(2, 0, 2, 0))),
            _MM_SHUFFLE(3, 1, 2, 0));
        return _mm256_sub_epi32(_mm256_set1_epi32(1023 + 31), packed);
    }
};

}  // namespace

}  // namespace residua::entropy

#include "entropy/adaptation_vector.h"

namespace residua::entropy {

const MixtureKernels kMixtureAvx2 = {prepare, move_means, begin_shares, intervals, search};
const AdaptationKernels kAdaptationAvx2 = {adapt, learn};

}  // namespace residua::entropy
