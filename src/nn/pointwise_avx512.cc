// Requantisation, addition and GDN for AVX-512.
#include <immintrin.h>

#include "nn/kernels_avx512.h"

namespace residua::nn {

namespace {

struct Simd {
    using Int = __m512i;
    static constexpr int kLanes = 16;

    template <Source kind>
    static Int load(const char* from) {
        if constexpr (kind == Source::kI32) {
            return _mm512_loadu_si512(from);
        } else if constexpr (kind == Source::kI16) {
            return _mm512_cvtepi16_epi32(load_half(from));
        } else {
            const Int bytes = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
            return kind == Source::kQ8 ? _mm512_sub_epi32(bytes, set32(128)) : bytes;
        }
    }
    template <Source kind>
    static Int load_words(const char* from) {
        if constexpr (kind == Source::kI16) return _mm512_loadu_si512(from);
        const Int bytes = _mm512_cvtepu8_epi16(load_half(from));
        return kind == Source::kQ8 ? _mm512_sub_epi16(bytes, set16(128)) : bytes;
    }
    static __m256i load_half(const char* from) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    }
    static void store(char* to, Int v) { _mm512_storeu_si512(to, v); }
    static Int set8(int value) { return _mm512_set1_epi8(static_cast<char>(value)); }
    static Int set16(int value) { return _mm512_set1_epi16(static_cast<int16_t>(value)); }
    static Int set32(int32_t value) { return _mm512_set1_epi32(value); }
    static Int set64(int64_t value) { return _mm512_set1_epi64(value); }

    // Of each pair of lanes, as int64.
    static Int even(Int v) { return _mm512_and_si512(v, set64(0xffffffff)); }
    static Int odd(Int v) { return _mm512_srli_epi64(v, 32); }
    static Int multiply_even(Int a, Int b) { return _mm512_mul_epi32(a, b); }
    static Int high_halves(Int even, Int odd) {
        const Int index = _mm512_set_epi32(31, 15, 29, 13, 27, 11, 25, 9, 23, 7, 21, 5, 19, 3, 17, 1);
        return _mm512_permutex2var_epi32(even, index, odd);
    }
    static Int add32(Int a, Int b) { return _mm512_add_epi32(a, b); }
    static Int add64(Int a, Int b) { return _mm512_add_epi64(a, b); }
    static Int shift_left_each_32(Int v, Int count) { return _mm512_sllv_epi32(v, count); }
    static Int shift_left_each_64(Int v, Int count) { return _mm512_sllv_epi64(v, count); }
    static Int shift_right_each_32(Int v, Int count) { return _mm512_srav_epi32(v, count); }
    static Int shift_right(Int v, int count) { return _mm512_sra_epi32(v, _mm_cvtsi32_si128(count)); }
    static Int shift_left(Int v, int count) { return _mm512_sll_epi32(v, _mm_cvtsi32_si128(count)); }
    static Int choose_by_sign(Int v, Int positive, Int negative) {
        return _mm512_mask_mov_epi32(positive, _mm512_movepi32_mask(v), negative);
    }

    static Int pack32(Int a, Int b) { return _mm512_packs_epi32(a, b); }
    static Int pack16(Int a, Int b) { return _mm512_packs_epi16(a, b); }
    static Int order_two(Int v) {
        return _mm512_permutexvar_epi64(_mm512_set_epi64(7, 5, 3, 1, 6, 4, 2, 0), v);
    }
    static Int order_four(Int v) {
        return _mm512_permutexvar_epi32(
            _mm512_set_epi32(15, 11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4, 0), v);
    }
    static Int max16(Int a, Int b) { return _mm512_max_epi16(a, b); }
    static Int max_unsigned8(Int a, Int b) { return _mm512_max_epu8(a, b); }
    static Int subtract_saturated16(Int a, Int b) { return _mm512_subs_epi16(a, b); }
    static Int exclusive_or(Int a, Int b) { return _mm512_xor_si512(a, b); }
    static Int interleave_low(Int a, Int b) { return _mm512_unpacklo_epi16(a, b); }
    static Int interleave_high(Int a, Int b) { return _mm512_unpackhi_epi16(a, b); }
    static Int multiply_pairs(Int a, Int b) { return _mm512_madd_epi16(a, b); }

    // The reciprocal square roots as one table of 64 words; the last one, 64, lies at 0.
    struct Rsqrt {
        Int first, second;

        explicit Rsqrt(const uint16_t* table)
            : first(_mm512_mask_blend_epi16(1, _mm512_maskz_loadu_epi16(0xffff0000, table),
                                            set16(static_cast<int16_t>(table[64])))),
              second(_mm512_loadu_si512(table + 32)) {}

        // value·r·128 >> (e/2), r = 1/sqrt(n). With h = floor(lzcnt(n)/2): 30 − e = 2h and e/2 = 15 − h.
        Int divide(Int value, Int n) const {
            const Int h = _mm512_srli_epi32(_mm512_lzcnt_epi32(n), 1);
            const Int f = _mm512_sllv_epi32(n, _mm512_add_epi32(h, h));
            const Int fraction = _mm512_and_si512(_mm512_srli_epi32(f, 18), set32(255));
            // Words i = f >> 26 and i + 1 of each lane in one lookup, which looks at 6 bits of an index.
            const Int indices = _mm512_add_epi32(
                _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_srli_epi32(f, 26), _mm512_srli_epi32(f, 10)),
                set32(1 << 16));
            const Int both = _mm512_permutex2var_epi16(first, indices, second);
            const Int at = _mm512_and_si512(both, set32(0xffff));
            const Int slope = _mm512_sub_epi32(at, _mm512_srli_epi32(both, 16));
            // 0 ≤ slope ≤ 16384: both factors are non-negative int16.
            const Int r = _mm512_sub_epi32(at, _mm512_srli_epi32(_mm512_madd_epi16(slope, fraction), 8));
            const Int product = _mm512_slli_epi32(_mm512_mullo_epi32(value, r), 7);
            return _mm512_srav_epi32(product, _mm512_sub_epi32(set32(15), h));
        }
    };
};

}  // namespace

}  // namespace residua::nn

#include "nn/pointwise_vector.h"

namespace residua::nn {

void avx512_requantise(const RequantiseArgs& args) { requantise(args); }
void avx512_add(const AddArgs& args) { add(args); }
void avx512_normalise(const NormaliseArgs& args) { normalise(args); }
void avx512_shuffle(const ShuffleArgs& args) { args.wide ? kScalarKernels.shuffle(args) : shuffle(args); }

void avx512_square(const uint8_t* x, uint8_t* q, size_t count) {
    const auto square_at = [](__m256i bytes) {
        const __m512i value = _mm512_sub_epi16(_mm512_cvtepu8_epi16(bytes), _mm512_set1_epi16(128));
        const __m512i rounded = _mm512_add_epi16(_mm512_mullo_epi16(value, value), _mm512_set1_epi16(32));
        return _mm512_cvtusepi16_epi8(_mm512_srli_epi16(rounded, 6));
    };
    size_t i = 0;
    for (; i + 32 <= count; i += 32)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(q + i),
                            square_at(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + i))));
    if (i < count) {
        const __mmask32 mask = (1u << (count - i)) - 1;
        _mm256_mask_storeu_epi8(q + i, mask, square_at(_mm256_maskz_loadu_epi8(mask, x + i)));
    }
}

}  // namespace residua::nn
