// Requantisation, addition and GDN for AVX2.
#include <immintrin.h>

#include "nn/kernels_avx2.h"

namespace residua::nn {

namespace {

struct Simd {
    using Int = __m256i;
    static constexpr int kLanes = 8;

    template <Source kind>
    static Int load(const char* from) {
        if constexpr (kind == Source::kI32) {
            return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
        } else if constexpr (kind == Source::kI16) {
            return _mm256_cvtepi16_epi32(load_half(from));
        } else {
            const Int bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
            return kind == Source::kQ8 ? _mm256_sub_epi32(bytes, set32(128)) : bytes;
        }
    }
    template <Source kind>
    static Int load_words(const char* from) {
        if constexpr (kind == Source::kI16) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
        const Int bytes = _mm256_cvtepu8_epi16(load_half(from));
        return kind == Source::kQ8 ? _mm256_sub_epi16(bytes, set16(128)) : bytes;
    }
    static __m128i load_half(const char* from) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    }
    static void store(char* to, Int v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); }
    static Int set8(int value) { return _mm256_set1_epi8(static_cast<char>(value)); }
    static Int set16(int value) { return _mm256_set1_epi16(static_cast<int16_t>(value)); }
    static Int set32(int32_t value) { return _mm256_set1_epi32(value); }
    static Int set64(int64_t value) { return _mm256_set1_epi64x(value); }

    // Of each pair of lanes, as int64.
    static Int even(Int v) { return _mm256_and_si256(v, set64(0xffffffff)); }
    static Int odd(Int v) { return _mm256_srli_epi64(v, 32); }
    static Int multiply_even(Int a, Int b) { return _mm256_mul_epi32(a, b); }
    static Int high_halves(Int even, Int odd) {
        return _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
    }
    static Int add32(Int a, Int b) { return _mm256_add_epi32(a, b); }
    static Int add64(Int a, Int b) { return _mm256_add_epi64(a, b); }
    static Int shift_left_each_32(Int v, Int count) { return _mm256_sllv_epi32(v, count); }
    static Int shift_left_each_64(Int v, Int count) { return _mm256_sllv_epi64(v, count); }
    static Int shift_right_each_32(Int v, Int count) { return _mm256_srav_epi32(v, count); }
    static Int shift_right(Int v, int count) { return _mm256_sra_epi32(v, _mm_cvtsi32_si128(count)); }
    static Int shift_left(Int v, int count) { return _mm256_sll_epi32(v, _mm_cvtsi32_si128(count)); }
    static Int choose_by_sign(Int v, Int positive, Int negative) {
        return _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(positive),
                                                    _mm256_castsi256_ps(negative), _mm256_castsi256_ps(v)));
    }

    static Int pack32(Int a, Int b) { return _mm256_packs_epi32(a, b); }
    static Int pack16(Int a, Int b) { return _mm256_packs_epi16(a, b); }
    static Int order_two(Int v) { return _mm256_permute4x64_epi64(v, _MM_SHUFFLE(3, 1, 2, 0)); }
    static Int order_four(Int v) {
        return _mm256_permutevar8x32_epi32(v, _mm256_set_epi32(7, 3, 6, 2, 5, 1, 4, 0));
    }
    static Int max16(Int a, Int b) { return _mm256_max_epi16(a, b); }
    static Int max_unsigned8(Int a, Int b) { return _mm256_max_epu8(a, b); }
    static Int subtract_saturated16(Int a, Int b) { return _mm256_subs_epi16(a, b); }
    static Int exclusive_or(Int a, Int b) { return _mm256_xor_si256(a, b); }
    static Int interleave_low(Int a, Int b) { return _mm256_unpacklo_epi16(a, b); }
    static Int interleave_high(Int a, Int b) { return _mm256_unpackhi_epi16(a, b); }
    static Int multiply_pairs(Int a, Int b) { return _mm256_madd_epi16(a, b); }

    struct Rsqrt {
        int32_t pairs[64] = {};  // T[i] | T[i + 1] << 16

        explicit Rsqrt(const uint16_t* table) {
            for (int i = 16; i < 64; ++i)
                pairs[i] = static_cast<int32_t>(table[i] | static_cast<uint32_t>(table[i + 1]) << 16);
        }

        // value·r·128 >> (e/2), r = 1/sqrt(n).
        Int divide(Int value, Int n) const {
            n = _mm256_max_epi32(n, set32(1));  // lanes beyond the channels would index outside
            // floor(log2 n) from the exponent of a float; clearing the bit below the leading one keeps the
            // conversion from rounding up to the next power of two.
            const Int rounded =
                _mm256_castps_si256(_mm256_cvtepi32_ps(_mm256_andnot_si256(_mm256_srli_epi32(n, 1), n)));
            const Int e =
                _mm256_andnot_si256(set32(1), _mm256_sub_epi32(_mm256_srli_epi32(rounded, 23), set32(127)));
            const Int f = _mm256_sllv_epi32(n, _mm256_sub_epi32(set32(30), e));
            const Int fraction = _mm256_and_si256(_mm256_srli_epi32(f, 18), set32(255));
            const Int both = _mm256_i32gather_epi32(pairs, _mm256_srli_epi32(f, 26), 4);
            const Int at = _mm256_and_si256(both, set32(0xffff));
            const Int slope = _mm256_sub_epi32(at, _mm256_srli_epi32(both, 16));
            const Int r = _mm256_sub_epi32(at, _mm256_srli_epi32(_mm256_mullo_epi32(slope, fraction), 8));
            const Int product = _mm256_slli_epi32(_mm256_mullo_epi32(value, r), 7);
            return _mm256_srav_epi32(product, _mm256_srli_epi32(e, 1));
        }
    };
};

}  // namespace

}  // namespace residua::nn

#include "nn/pointwise_vector.h"

namespace residua::nn {

void avx2_requantise(const RequantiseArgs& args) { requantise(args); }
void avx2_add(const AddArgs& args) { add(args); }
void avx2_normalise(const NormaliseArgs& args) { normalise(args); }
void avx2_shuffle(const ShuffleArgs& args) { args.wide ? kScalarKernels.shuffle(args) : shuffle(args); }

void avx2_square(const uint8_t* x, uint8_t* q, size_t count) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m256i value = Simd::load_words<Source::kQ8>(reinterpret_cast<const char*>(x + i));
        const __m256i scaled =
            _mm256_srli_epi16(_mm256_add_epi16(_mm256_mullo_epi16(value, value), _mm256_set1_epi16(32)), 6);
        _mm_storeu_si128(
            reinterpret_cast<__m128i*>(q + i),
            _mm_packus_epi16(_mm256_castsi256_si128(scaled), _mm256_extracti128_si256(scaled, 1)));
    }
    for (; i < count; ++i) {
        const int value = x[i] - 128;
        const int scaled = (value * value + 32) >> 6;
        q[i] = static_cast<uint8_t>(scaled < 255 ? scaled : 255);
    }
}

}  // namespace residua::nn
