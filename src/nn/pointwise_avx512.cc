// Requantisation, addition and GDN for AVX-512: 16 channels of one pixel at a time, in int32 lanes.
#include <immintrin.h>

#include "nn/kernels_avx512.h"

namespace residua::nn {

namespace {

// Which of 16 channels exist. All of them is a type of its own: AMD's masked stores take many cycles.
struct AllLanes {};
using SomeLanes = __mmask16;

SomeLanes first_lanes(ptrdiff_t count) { return static_cast<__mmask16>((1u << count) - 1); }

template <Source kind>
inline __m512i widen(__m128i bytes) {
    const __m512i wide = _mm512_cvtepu8_epi32(bytes);
    return kind == Source::kQ8 ? _mm512_sub_epi32(wide, _mm512_set1_epi32(128)) : wide;
}

template <Source kind>
inline __m512i load(const void* source, ptrdiff_t index, AllLanes) {
    if constexpr (kind == Source::kI32)
        return _mm512_loadu_si512(static_cast<const int32_t*>(source) + index);
    else if constexpr (kind == Source::kI16)
        return _mm512_cvtepi16_epi32(_mm256_loadu_si256(
            reinterpret_cast<const __m256i*>(static_cast<const int16_t*>(source) + index)));
    else
        return widen<kind>(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(static_cast<const uint8_t*>(source) + index)));
}
template <Source kind>
inline __m512i load(const void* source, ptrdiff_t index, SomeLanes lanes) {
    if constexpr (kind == Source::kI32)
        return _mm512_maskz_loadu_epi32(lanes, static_cast<const int32_t*>(source) + index);
    else if constexpr (kind == Source::kI16)
        return _mm512_cvtepi16_epi32(
            _mm256_maskz_loadu_epi16(lanes, static_cast<const int16_t*>(source) + index));
    else
        return widen<kind>(_mm_maskz_loadu_epi8(lanes, static_cast<const uint8_t*>(source) + index));
}

template <bool wide>
inline void store(void* destination, ptrdiff_t index, AllLanes, __m512i value) {
    if constexpr (wide)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(static_cast<int16_t*>(destination) + index),
                            _mm512_cvtepi32_epi16(value));
    else
        _mm_storeu_si128(reinterpret_cast<__m128i*>(static_cast<uint8_t*>(destination) + index),
                         _mm512_cvtepi32_epi8(value));
}
template <bool wide>
inline void store(void* destination, ptrdiff_t index, SomeLanes lanes, __m512i value) {
    if constexpr (wide)
        _mm256_mask_storeu_epi16(static_cast<int16_t*>(destination) + index, lanes,
                                 _mm512_cvtepi32_epi16(value));
    else
        _mm_mask_storeu_epi8(static_cast<uint8_t*>(destination) + index, lanes, _mm512_cvtepi32_epi8(value));
}

// The constants of 16 channels, in registers while a row of pixels passes.
struct Requantiser {
    __m512i multiplier, negative_multiplier, shift, rounding_even, rounding_odd, low, high, zero_point;

    Requantiser(const RequantiseTable& table, int channel)
        : multiplier(_mm512_load_si512(table.multiplier + channel)),
          negative_multiplier(_mm512_load_si512(table.negative_multiplier + channel)),
          shift(_mm512_load_si512(table.high_shift + channel)),
          rounding_even(_mm512_load_si512(table.rounding + channel)),
          rounding_odd(_mm512_load_si512(table.rounding + channel + 8)),
          low(_mm512_set1_epi32(table.low)),
          high(_mm512_set1_epi32(table.high)),
          zero_point(_mm512_set1_epi32(table.zero_point)) {}

    // (v·m + 2^(s−1)) >> s as the high half of the 64-bit sum, shifted by s − 32.
    template <bool leaky>
    __m512i operator()(__m512i value) const {
        __m512i m = multiplier;
        if constexpr (leaky) m = _mm512_mask_mov_epi32(m, _mm512_movepi32_mask(value), negative_multiplier);
        const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(value, m), rounding_even);
        const __m512i odd = _mm512_add_epi64(
            _mm512_mul_epi32(_mm512_srli_epi64(value, 32), _mm512_srli_epi64(m, 32)), rounding_odd);
        const __m512i high_half = _mm512_mask_mov_epi32(_mm512_srli_epi64(even, 32), 0xaaaa, odd);
        const __m512i result = _mm512_srav_epi32(high_half, shift);
        return _mm512_add_epi32(_mm512_min_epi32(_mm512_max_epi32(result, low), high), zero_point);
    }
};

template <Source kind, bool wide, bool leaky, typename Lanes>
void requantise_block(const RequantiseArgs& args, int channel, Lanes lanes) {
    const Requantiser rq(*args.table, channel);
    for (ptrdiff_t x = 0; x < args.columns; ++x) {
        const __m512i value = load<kind>(args.source, x * args.source_step + channel, lanes);
        store<wide>(args.destination, x * args.destination_step + channel, lanes,
                    rq.operator()<leaky>(value));
    }
}

template <Source kind, bool wide, bool leaky>
void requantise_rows(const RequantiseArgs& args) {
    int channel = 0;
    for (; channel + 16 <= args.table->channels; channel += 16)
        requantise_block<kind, wide, leaky>(args, channel, AllLanes{});
    if (channel < args.table->channels)
        requantise_block<kind, wide, leaky>(args, channel, first_lanes(args.table->channels - channel));
}

template <Source kind>
void requantise_kind(const RequantiseArgs& args) {
    if (args.table->wide)
        args.table->leaky ? requantise_rows<kind, true, true>(args)
                          : requantise_rows<kind, true, false>(args);
    else
        args.table->leaky ? requantise_rows<kind, false, true>(args)
                          : requantise_rows<kind, false, false>(args);
}

struct Adder {
    __m512i multipliers, rounding, low, high, zero_point;
    __m128i shift;

    // a in the low, b in the high half of each lane of `multipliers`, for one vpmaddwd.
    explicit Adder(const AddArgs& args)
        : multipliers(
              _mm512_set1_epi32(static_cast<int32_t>((static_cast<uint32_t>(args.multiplier_a) & 0xffff) |
                                                     (static_cast<uint32_t>(args.multiplier_b) << 16)))),
          rounding(_mm512_set1_epi32(1 << (args.shift - 1))),
          low(_mm512_set1_epi32(args.kind == Source::kI16  ? -32768
                                : args.kind == Source::kU8 ? 0
                                                           : -128)),
          high(_mm512_set1_epi32(args.kind == Source::kI16  ? 32767
                                 : args.kind == Source::kU8 ? 255
                                                            : 127)),
          zero_point(_mm512_set1_epi32(args.kind == Source::kQ8 ? 128 : 0)),
          shift(_mm_cvtsi32_si128(args.shift)) {}

    __m512i operator()(__m512i a, __m512i b) const {
        const __m512i pairs = _mm512_mask_blend_epi16(0xaaaaaaaa, a, _mm512_slli_epi32(b, 16));
        const __m512i sum = _mm512_add_epi32(_mm512_madd_epi16(pairs, multipliers), rounding);
        const __m512i result = _mm512_sra_epi32(sum, shift);
        return _mm512_add_epi32(_mm512_min_epi32(_mm512_max_epi32(result, low), high), zero_point);
    }
};

template <Source kind_a, Source kind_b, bool wide>
void add_rows(const AddArgs& args) {
    const Adder adder(args);
    const bool dense =
        args.step_a == args.channels && args.step_b == args.channels && args.step == args.channels;
    const ptrdiff_t rows = dense ? 1 : args.columns;
    const ptrdiff_t count = dense ? static_cast<ptrdiff_t>(args.columns) * args.channels : args.channels;
    for (ptrdiff_t x = 0; x < rows; ++x) {
        const auto add_at = [&](ptrdiff_t i, auto lanes) {
            store<wide>(args.destination, x * args.step + i, lanes,
                        adder(load<kind_a>(args.a, x * args.step_a + i, lanes),
                              load<kind_b>(args.b, x * args.step_b + i, lanes)));
        };
        ptrdiff_t i = 0;
        for (; i + 16 <= count; i += 16) add_at(i, AllLanes{});
        if (i < count) add_at(i, first_lanes(count - i));
    }
}

template <Source kind_a, Source kind_b>
void add_destination(const AddArgs& args) {
    args.kind == Source::kI16 ? add_rows<kind_a, kind_b, true>(args) : add_rows<kind_a, kind_b, false>(args);
}

template <Source kind_a>
void add_kind(const AddArgs& args) {
    switch (args.kind_b) {
        case Source::kQ8:
            return add_destination<kind_a, Source::kQ8>(args);
        case Source::kU8:
            return add_destination<kind_a, Source::kU8>(args);
        default:
            return add_destination<kind_a, Source::kI16>(args);
    }
}

// The entries of the reciprocal square root as one table of 64 words; the last one, 64, lies at 0.
struct Rsqrt {
    __m512i first, second;

    explicit Rsqrt(const uint16_t* table)
        : first(_mm512_mask_blend_epi16(1, _mm512_maskz_loadu_epi16(0xffff0000, table),
                                        _mm512_set1_epi16(static_cast<int16_t>(table[64])))),
          second(_mm512_loadu_si512(table + 32)) {}

    // value·r·128 >> (e/2), r = 1/sqrt(n). With h = floor(lzcnt(n)/2): 30 − e = 2h and e/2 = 15 − h.
    __m512i divide(__m512i value, __m512i n) const {
        const __m512i h = _mm512_srli_epi32(_mm512_lzcnt_epi32(n), 1);
        const __m512i f = _mm512_sllv_epi32(n, _mm512_add_epi32(h, h));
        const __m512i fraction = _mm512_and_si512(_mm512_srli_epi32(f, 18), _mm512_set1_epi32(255));
        // Words i = f >> 26 and i + 1 of each lane in one lookup, which looks at 6 bits of an index.
        const __m512i indices = _mm512_add_epi32(
            _mm512_mask_blend_epi16(0xaaaaaaaa, _mm512_srli_epi32(f, 26), _mm512_srli_epi32(f, 10)),
            _mm512_set1_epi32(1 << 16));
        const __m512i both = _mm512_permutex2var_epi16(first, indices, second);
        const __m512i at = _mm512_and_si512(both, _mm512_set1_epi32(0xffff));
        const __m512i slope = _mm512_sub_epi32(at, _mm512_srli_epi32(both, 16));
        // 0 ≤ slope ≤ 16384: both factors are non-negative int16.
        const __m512i r = _mm512_sub_epi32(at, _mm512_srli_epi32(_mm512_madd_epi16(slope, fraction), 8));
        const __m512i product = _mm512_slli_epi32(_mm512_mullo_epi32(value, r), 7);
        return _mm512_srav_epi32(product, _mm512_sub_epi32(_mm512_set1_epi32(15), h));
    }
};

template <bool wide, typename Lanes>
void normalise_block(const NormaliseArgs& args, const Rsqrt& rsqrt, int channel, Lanes lanes) {
    const Requantiser rq(*args.table, channel);
    for (ptrdiff_t x = 0; x < args.columns; ++x) {
        const __m512i n = load<Source::kI32>(args.accumulators, x * args.accumulator_step + channel, lanes);
        const __m512i value = load<Source::kQ8>(args.x, x * args.x_step + channel, lanes);
        store<wide>(args.destination, x * args.destination_step + channel, lanes,
                    rq.operator()<false>(rsqrt.divide(value, n)));
    }
}

template <bool wide>
void normalise_rows(const NormaliseArgs& args) {
    const Rsqrt rsqrt(args.rsqrt);
    int channel = 0;
    for (; channel + 16 <= args.table->channels; channel += 16)
        normalise_block<wide>(args, rsqrt, channel, AllLanes{});
    if (channel < args.table->channels)
        normalise_block<wide>(args, rsqrt, channel, first_lanes(args.table->channels - channel));
}

}  // namespace

void avx512_requantise(const RequantiseArgs& args) {
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

void avx512_add(const AddArgs& args) {
    switch (args.kind_a) {
        case Source::kQ8:
            return add_kind<Source::kQ8>(args);
        case Source::kU8:
            return add_kind<Source::kU8>(args);
        default:
            return add_kind<Source::kI16>(args);
    }
}

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

void avx512_normalise(const NormaliseArgs& args) {
    args.table->wide ? normalise_rows<true>(args) : normalise_rows<false>(args);
}

}  // namespace residua::nn
