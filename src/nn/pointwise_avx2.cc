// Requantisation, addition and GDN for AVX2: 8 channels of one pixel at a time, in int32 lanes. AVX2 has no
// masked access to bytes, so the last channels of a pixel pass through a small array.
#include <immintrin.h>

#include "nn/kernels_avx2.h"

namespace residua::nn {

namespace {

constexpr int kLanes = 8;

inline __m128i load_half(const void* pointer) {
    return _mm_loadl_epi64(static_cast<const __m128i*>(pointer));
}
inline __m128i load_whole(const void* pointer) {
    return _mm_loadu_si128(static_cast<const __m128i*>(pointer));
}

// Eight elements from `index`, the first `count` of them real.
template <Source kind>
inline __m256i load(const void* source, ptrdiff_t index, ptrdiff_t count) {
    constexpr int bytes = kind == Source::kI32 ? 4 : kind == Source::kI16 ? 2 : 1;
    const char* pointer = static_cast<const char*>(source) + index * bytes;
    alignas(32) char padded[kLanes * bytes] = {};
    if (count < kLanes) {
        for (ptrdiff_t i = 0; i < count * bytes; ++i) padded[i] = pointer[i];
        pointer = padded;
    }
    if constexpr (kind == Source::kI32) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(pointer));
    if constexpr (kind == Source::kI16) return _mm256_cvtepi16_epi32(load_whole(pointer));
    if constexpr (kind == Source::kU8) return _mm256_cvtepu8_epi32(load_half(pointer));
    return _mm256_sub_epi32(_mm256_cvtepu8_epi32(load_half(pointer)), _mm256_set1_epi32(128));
}

// `value` lies in the destination's range.
template <bool wide>
inline void store(void* destination, ptrdiff_t index, ptrdiff_t count, __m256i value) {
    constexpr int bytes = wide ? 2 : 1;
    char* pointer = static_cast<char*>(destination) + index * bytes;
    const __m128i low = _mm256_castsi256_si128(value), high = _mm256_extracti128_si256(value, 1);
    __m128i narrow = wide ? _mm_packs_epi32(low, high) : _mm_packus_epi32(low, high);
    if constexpr (!wide) narrow = _mm_packus_epi16(narrow, narrow);
    if (count >= kLanes) {
        if constexpr (wide)
            _mm_storeu_si128(reinterpret_cast<__m128i*>(pointer), narrow);
        else
            _mm_storel_epi64(reinterpret_cast<__m128i*>(pointer), narrow);
        return;
    }
    alignas(16) char padded[16];
    _mm_store_si128(reinterpret_cast<__m128i*>(padded), narrow);
    for (ptrdiff_t i = 0; i < count * bytes; ++i) pointer[i] = padded[i];
}

inline __m256i load_table(const int32_t* table) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(table));
}
inline __m256i load_table(const int64_t* table) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(table));
}

// The constants of 8 channels, in registers while a row of pixels passes.
struct Requantiser {
    __m256i multiplier, negative_multiplier, shift, rounding_even, rounding_odd, low, high, zero_point;

    Requantiser(const RequantiseTable& table, int channel)
        : multiplier(load_table(table.multiplier + channel)),
          negative_multiplier(load_table(table.negative_multiplier + channel)),
          shift(load_table(table.high_shift + channel)),
          rounding_even(load_table(table.rounding + channel / 16 * 16 + channel % 16 / 2)),
          rounding_odd(load_table(table.rounding + channel / 16 * 16 + channel % 16 / 2 + 8)),
          low(_mm256_set1_epi32(table.low)),
          high(_mm256_set1_epi32(table.high)),
          zero_point(_mm256_set1_epi32(table.zero_point)) {}

    // (v·m + 2^(s−1)) >> s as the high half of the 64-bit sum, shifted by s − 32.
    __m256i operator()(__m256i value) const {
        const __m256i m = _mm256_blendv_epi8(multiplier, negative_multiplier, _mm256_srai_epi32(value, 31));
        const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(value, m), rounding_even);
        const __m256i odd = _mm256_add_epi64(
            _mm256_mul_epi32(_mm256_srli_epi64(value, 32), _mm256_srli_epi64(m, 32)), rounding_odd);
        const __m256i high_half = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
        const __m256i result = _mm256_srav_epi32(high_half, shift);
        return _mm256_add_epi32(_mm256_min_epi32(_mm256_max_epi32(result, low), high), zero_point);
    }
};

template <Source kind, bool wide>
void requantise_rows(const RequantiseArgs& args) {
    const RequantiseTable& table = *args.table;
    for (int channel = 0; channel < table.channels; channel += kLanes) {
        const Requantiser rq(table, channel);
        const ptrdiff_t count = table.channels - channel;
        for (ptrdiff_t x = 0; x < args.columns; ++x)
            store<wide>(args.destination, x * args.destination_step + channel, count,
                        rq(load<kind>(args.source, x * args.source_step + channel, count)));
    }
}

template <Source kind>
void requantise_kind(const RequantiseArgs& args) {
    args.table->wide ? requantise_rows<kind, true>(args) : requantise_rows<kind, false>(args);
}

template <Source kind_a, Source kind_b>
void add_rows(const AddArgs& args) {
    // Both products in one vpmaddwd: a in the low, b in the high half of each lane.
    const __m256i multipliers =
        _mm256_set1_epi32(static_cast<int32_t>((static_cast<uint32_t>(args.multiplier_a) & 0xffff) |
                                               (static_cast<uint32_t>(args.multiplier_b) << 16)));
    const __m256i rounding = _mm256_set1_epi32(1 << (args.shift - 1));
    const __m128i shift = _mm_cvtsi32_si128(args.shift);
    const bool wide = args.kind == Source::kI16;
    const __m256i low = _mm256_set1_epi32(wide ? -32768 : args.kind == Source::kU8 ? 0 : -128);
    const __m256i high = _mm256_set1_epi32(wide ? 32767 : args.kind == Source::kU8 ? 255 : 127);
    const __m256i zero_point = _mm256_set1_epi32(args.kind == Source::kQ8 ? 128 : 0);
    const bool dense =
        args.step_a == args.channels && args.step_b == args.channels && args.step == args.channels;
    const ptrdiff_t rows = dense ? 1 : args.columns;
    const ptrdiff_t count = dense ? static_cast<ptrdiff_t>(args.columns) * args.channels : args.channels;
    for (ptrdiff_t x = 0; x < rows; ++x) {
        for (ptrdiff_t i = 0; i < count; i += kLanes) {
            const __m256i a = load<kind_a>(args.a, x * args.step_a + i, count - i);
            const __m256i b = load<kind_b>(args.b, x * args.step_b + i, count - i);
            __m256i sum =
                _mm256_madd_epi16(_mm256_blend_epi16(a, _mm256_slli_epi32(b, 16), 0xaa), multipliers);
            sum = _mm256_sra_epi32(_mm256_add_epi32(sum, rounding), shift);
            sum = _mm256_add_epi32(_mm256_min_epi32(_mm256_max_epi32(sum, low), high), zero_point);
            if (wide)
                store<true>(args.destination, x * args.step + i, count - i, sum);
            else
                store<false>(args.destination, x * args.step + i, count - i, sum);
        }
    }
}

template <Source kind_a>
void add_kind(const AddArgs& args) {
    switch (args.kind_b) {
        case Source::kQ8:
            return add_rows<kind_a, Source::kQ8>(args);
        case Source::kU8:
            return add_rows<kind_a, Source::kU8>(args);
        default:
            return add_rows<kind_a, Source::kI16>(args);
    }
}

// value·r·128 >> (e/2), r = 1/sqrt(n); pairs[i] = T[i] | T[i + 1] << 16.
inline __m256i divide(__m256i value, __m256i n, const int32_t* pairs) {
    // floor(log2 n) from the exponent of a float; clearing the bit below the leading one keeps the conversion
    // from rounding up to the next power of two.
    const __m256i rounded =
        _mm256_castps_si256(_mm256_cvtepi32_ps(_mm256_andnot_si256(_mm256_srli_epi32(n, 1), n)));
    const __m256i e = _mm256_andnot_si256(
        _mm256_set1_epi32(1), _mm256_sub_epi32(_mm256_srli_epi32(rounded, 23), _mm256_set1_epi32(127)));
    const __m256i f = _mm256_sllv_epi32(n, _mm256_sub_epi32(_mm256_set1_epi32(30), e));
    const __m256i fraction = _mm256_and_si256(_mm256_srli_epi32(f, 18), _mm256_set1_epi32(255));
    const __m256i both = _mm256_i32gather_epi32(pairs, _mm256_srli_epi32(f, 26), 4);
    const __m256i at = _mm256_and_si256(both, _mm256_set1_epi32(0xffff));
    const __m256i slope = _mm256_sub_epi32(at, _mm256_srli_epi32(both, 16));
    const __m256i r = _mm256_sub_epi32(at, _mm256_srli_epi32(_mm256_mullo_epi32(slope, fraction), 8));
    const __m256i product = _mm256_slli_epi32(_mm256_mullo_epi32(value, r), 7);
    return _mm256_srav_epi32(product, _mm256_srli_epi32(e, 1));
}

template <bool wide>
void normalise_rows(const NormaliseArgs& args) {
    const RequantiseTable& table = *args.table;
    int32_t pairs[64] = {};
    for (int i = 16; i < 64; ++i)
        pairs[i] = static_cast<int32_t>(args.rsqrt[i] | static_cast<uint32_t>(args.rsqrt[i + 1]) << 16);
    for (int channel = 0; channel < table.channels; channel += kLanes) {
        const Requantiser rq(table, channel);
        const ptrdiff_t count = table.channels - channel;
        for (ptrdiff_t x = 0; x < args.columns; ++x) {
            __m256i n = load<Source::kI32>(args.accumulators, x * args.accumulator_step + channel, count);
            n = _mm256_max_epi32(n, _mm256_set1_epi32(1));  // lanes beyond the channels would index outside
            const __m256i value = load<Source::kQ8>(args.x, x * args.x_step + channel, count);
            store<wide>(args.destination, x * args.destination_step + channel, count,
                        rq(divide(value, n, pairs)));
        }
    }
}

}  // namespace

void avx2_requantise(const RequantiseArgs& args) {
    switch (args.kind) {
        case Source::kQ8:
            return requantise_kind<Source::kQ8>(args);
        case Source::kU8:
            return requantise_kind<Source::kU8>(args);
        case Source::kI16:
            return requantise_kind<Source::kI16>(args);
        default:
            return requantise_kind<Source::kI32>(args);
    }
}

void avx2_add(const AddArgs& args) {
    switch (args.kind_a) {
        case Source::kQ8:
            return add_kind<Source::kQ8>(args);
        case Source::kU8:
            return add_kind<Source::kU8>(args);
        default:
            return add_kind<Source::kI16>(args);
    }
}

void avx2_square(const uint8_t* x, uint8_t* q, size_t count) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m256i value =
            _mm256_sub_epi16(_mm256_cvtepu8_epi16(load_whole(x + i)), _mm256_set1_epi16(128));
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

void avx2_normalise(const NormaliseArgs& args) {
    args.table->wide ? normalise_rows<true>(args) : normalise_rows<false>(args);
}

}  // namespace residua::nn
