// Mixture kernels for AVX-512 (F, BW, DQ, VL, CD): 16 pixels are one register.
#include <immintrin.h>

#include "entropy/transpose_avx2.h"

namespace residua::entropy {

namespace {

struct Simd {
    using Int = __m512i;
    using Float = __m512;
    using Mask = __mmask16;

    static Int load(const int32_t* from) { return _mm512_load_si512(from); }
    static Int load_unaligned(const int32_t* from) { return _mm512_loadu_si512(from); }
    static void store(int32_t* to, Int a) { _mm512_store_si512(to, a); }
    static Int set(int value) { return _mm512_set1_epi32(value); }
    static Int add(Int a, Int b) { return _mm512_add_epi32(a, b); }
    static Int sub(Int a, Int b) { return _mm512_sub_epi32(a, b); }
    static Int multiply(Int a, Int b) { return _mm512_mullo_epi32(a, b); }
    static Int multiply_high(Int a, Int b) {  // unsigned
        const Int even = _mm512_srli_epi64(_mm512_mul_epu32(a, b), 32);
        const Int odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), _mm512_srli_epi64(b, 32));
        return _mm512_mask_blend_epi32(0xaaaa, even, odd);
    }
    static int sum(Int a) { return _mm512_reduce_add_epi32(a); }
    static Int bits_and(Int a, Int b) { return _mm512_and_si512(a, b); }
    static Int min(Int a, Int b) { return _mm512_min_epi32(a, b); }
    static Int max(Int a, Int b) { return _mm512_max_epi32(a, b); }
    static Int shift_left(Int a, Int count) { return _mm512_sllv_epi32(a, count); }
    static Int shift_right(Int a, Int count) { return _mm512_srlv_epi32(a, count); }
    static Int shift_right_signed(Int a, Int count) { return _mm512_srav_epi32(a, count); }
    template <int count>
    static Int shift_left(Int a) {
        return _mm512_slli_epi32(a, count);
    }
    template <int count>
    static Int shift_right(Int a) {
        return _mm512_srli_epi32(a, count);
    }
    template <int count>
    static Int shift_right_signed(Int a) {
        return _mm512_srai_epi32(a, count);
    }
    static Int leading_zeros(Int a) { return _mm512_lzcnt_epi32(a); }
    static Int gather(const int32_t* table, Int index) { return _mm512_i32gather_epi32(index, table, 4); }
    static Int lookup_32(const int32_t* table, Int index) {
        return _mm512_permutex2var_epi32(load(table), index, load(table + 16));
    }
    // floor(numerator / (a + offset)) for unsigned a; exact for integer numerators below 2^53.
    static Int divide(double numerator, Int a, double offset) {
        const __m512d n = _mm512_set1_pd(numerator);
        const __m512d o = _mm512_set1_pd(offset);
        const __m512d low = _mm512_add_pd(_mm512_cvtepu32_pd(_mm512_castsi512_si256(a)), o);
        const __m512d high = _mm512_add_pd(_mm512_cvtepu32_pd(_mm512_extracti64x4_epi64(a, 1)), o);
        return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvttpd_epu32(_mm512_div_pd(n, low))),
                                  _mm512_cvttpd_epu32(_mm512_div_pd(n, high)), 1);
    }

    static Mask greater(Int a, Int b) { return _mm512_cmpgt_epi32_mask(a, b); }
    static Mask equal(Int a, Int b) { return _mm512_cmpeq_epi32_mask(a, b); }
    static Mask not_equal(Int a, Int b) { return _mm512_cmpneq_epi32_mask(a, b); }
    static Mask range(int first, int end) { return static_cast<Mask>((1 << end) - (1 << first)); }
    static Mask both(Mask a, Mask b) { return _kand_mask16(a, b); }
    static Mask either(Mask a, Mask b) { return _kor_mask16(a, b); }
    static Mask negate(Mask a) { return _knot_mask16(a); }
    static bool any(Mask a) { return a != 0; }
    static Int select(Mask mask, Int yes, Int no) { return _mm512_mask_blend_epi32(mask, no, yes); }
    static Float select(Mask mask, Float yes, Float no) { return _mm512_mask_blend_ps(mask, no, yes); }

    static Float set(float value) { return _mm512_set1_ps(value); }
    static Float add(Float a, Float b) { return _mm512_add_ps(a, b); }
    static Float sub(Float a, Float b) { return _mm512_sub_ps(a, b); }
    static Float multiply(Float a, Float b) { return _mm512_mul_ps(a, b); }
    static Float divide(Float a, Float b) { return _mm512_div_ps(a, b); }
    static Float min(Float a, Float b) { return _mm512_min_ps(a, b); }
    static Float max(Float a, Float b) { return _mm512_max_ps(a, b); }
    static Float to_float(Int a) { return _mm512_cvtepi32_ps(a); }
    static Int truncate(Float a) { return _mm512_cvttps_epi32(a); }
    static Int bits(Float a) { return _mm512_castps_si512(a); }
    static Float from_bits(Int a) { return _mm512_castsi512_ps(a); }
};

}  // namespace

}  // namespace residua::entropy

#include "entropy/adaptation_vector.h"

namespace residua::entropy {

const MixtureKernels kMixtureAvx512 = {prepare, move_means, begin_shares, intervals, search};
const AdaptationKernels kAdaptationAvx512 = {adapt, learn};

}  // namespace residua::entropy
