// Requantisation, addition and GDN's division written once over vectors; each instruction set includes this
// file with its own `Simd`. Equal to kernels_scalar.cc, which defines them. Not a general header: only
// pointwise_<isa>.cc include it, and it must not use the standard library, whose inline functions would be
// compiled for the wrong processor.
//
// Simd::Int is a register of kLanes int32. pack32 (to int16) and pack16 (to int8) saturate, within 128-bit
// lanes as the processors do it; order_two and order_four put the elements of two, or by two steps four,
// registers into order.

#include "nn/kernels.h"

namespace residua::nn {

namespace {

using Int = Simd::Int;
constexpr int kLanes = Simd::kLanes;

constexpr ptrdiff_t source_bytes(Source kind) {
    return kind == Source::kI32 ? 4 : kind == Source::kI16 ? 2 : 1;
}

void copy_bytes(void* to, const void* from, ptrdiff_t count) {
    __builtin_memcpy(to, from, static_cast<size_t>(count));
}

// kLanes elements, of which only `count` exist; the others may be anything. Rows of accumulators are padded.
template <Source kind>
Int load_some(const char* from, ptrdiff_t count) {
    if (count >= kLanes || (kind == Source::kI32 && count > 0)) return Simd::load<kind>(from);
    alignas(64) char padded[kLanes * source_bytes(kind)] = {};
    if (count > 0) copy_bytes(padded, from, count * source_bytes(kind));
    return Simd::load<kind>(padded);
}

inline Int constants(const int32_t* table, int channel) {
    return Simd::load<Source::kI32>(reinterpret_cast<const char*>(table + channel));
}

// (v·m + 2^(s−1)) >> s with s > 32: the rounding bit belongs to the high half of the product.
struct HighRounding {
    Int multiplier, odd_multiplier, shift, rounding;

    HighRounding() = default;
    HighRounding(const RequantiseTable& table, int channel)
        : multiplier(constants(table.multiplier, channel)),
          odd_multiplier(Simd::odd(multiplier)),
          shift(constants(table.high_shift, channel)),
          rounding(Simd::shift_right(Simd::shift_left_each_32(Simd::set32(1), shift), 1)) {}

    Int operator()(Int value) const {
        const Int high = Simd::high_halves(Simd::multiply_even(value, multiplier),
                                           Simd::multiply_even(Simd::odd(value), odd_multiplier));
        return Simd::shift_right_each_32(Simd::add32(high, rounding), shift);
    }
};

// The same for any s and LeakyReLU.
struct AnyRounding {
    Int multiplier, negative_multiplier, shift, rounding_even, rounding_odd;

    AnyRounding() = default;
    AnyRounding(const RequantiseTable& table, int channel)
        : multiplier(constants(table.multiplier, channel)),
          negative_multiplier(constants(table.negative_multiplier, channel)),
          shift(constants(table.high_shift, channel)),
          rounding_even(bit_below(Simd::even(shift))),
          rounding_odd(bit_below(Simd::odd(shift))) {}

    static Int bit_below(Int shift) { return Simd::shift_left_each_64(Simd::set64(int64_t{1} << 31), shift); }
    Int operator()(Int value) const {
        const Int m = Simd::choose_by_sign(value, multiplier, negative_multiplier);
        const Int even = Simd::add64(Simd::multiply_even(value, m), rounding_even);
        const Int odd = Simd::add64(Simd::multiply_even(Simd::odd(value), Simd::odd(m)), rounding_odd);
        return Simd::shift_right_each_32(Simd::high_halves(even, odd), shift);
    }
};

// Brings int32 to the destination's range and elements: 2 registers to int16, or 4 to bytes.
template <bool wide>
struct Narrow;
template <>
struct Narrow<true> {
    static constexpr int kVectors = 2;
    Int low;

    explicit Narrow(int32_t lowest, int32_t) : low(Simd::set16(lowest)) {}
    Int operator()(const Int (&v)[2]) const {
        return Simd::max16(Simd::order_two(Simd::pack32(v[0], v[1])), low);
    }
};
template <>
struct Narrow<false> {
    static constexpr int kVectors = 4;
    Int offset, sign, low;

    explicit Narrow(int32_t lowest, int32_t zero_point)
        : offset(Simd::set16(128 - zero_point)),
          sign(Simd::set8(128)),
          low(Simd::set8(lowest + zero_point)) {}
    Int operator()(const Int (&v)[4]) const {
        return clamped(Simd::order_four(packed(Simd::pack32(v[0], v[1]), Simd::pack32(v[2], v[3]))));
    }
    Int operator()(Int words, Int more) const { return clamped(Simd::order_two(packed(words, more))); }

  private:
    // As int8, value − 128 for kU8; the sign bit then makes bytes of it.
    Int packed(Int words, Int more) const {
        return Simd::pack16(Simd::subtract_saturated16(words, offset),
                            Simd::subtract_saturated16(more, offset));
    }
    Int clamped(Int bytes) const { return Simd::max_unsigned8(Simd::exclusive_or(bytes, sign), low); }
};

// int32 of kLanes channels of pixel x, from `channel` on; without `full` some of them do not exist.
template <Source kind>
struct Elements {
    const char* source;
    ptrdiff_t step;
    int channels;

    template <bool full>
    Int at(ptrdiff_t x, int channel) const {
        const char* from = source + (x * step + channel) * source_bytes(kind);
        return full ? Simd::load<kind>(from) : load_some<kind>(from, channels - channel);
    }
};

// Likewise, behind the division of GDN.
struct Normalised {
    Elements<Source::kQ8> value;
    Elements<Source::kI32> sum;
    Simd::Rsqrt rsqrt;

    template <bool full>
    Int at(ptrdiff_t x, int channel) const {
        return rsqrt.divide(value.at<full>(x, channel), sum.at<full>(x, channel));
    }
};

struct Destination {
    void* elements;
    ptrdiff_t step;
    int columns;
};

// The channels from `first` on that one register of the destination holds, of all pixels.
template <bool wide, bool full, typename Rounding, typename Values>
void requantise_group(const RequantiseTable& table, int first, const Values& values, const Destination& out) {
    constexpr int kVectors = Narrow<wide>::kVectors, kSize = wide ? 2 : 1;
    constexpr ptrdiff_t kGroup = kVectors * kLanes;
    Rounding rounding[kVectors];
#pragma GCC unroll 4
    for (int k = 0; k < kVectors; ++k) rounding[k] = Rounding(table, first + k * kLanes);
    const Narrow<wide> narrow(table.low, table.zero_point);
    const int channels = table.channels;
    // What a whole register overwrites of the pixels after this one is written again, so long as they are of
    // this row.
    const ptrdiff_t room = out.step == channels ? out.columns * out.step - first - kGroup : -1;
    char* to = static_cast<char*>(out.elements) + first * kSize;
    for (ptrdiff_t x = 0; x < out.columns; ++x, to += out.step * kSize) {
        Int value[kVectors];
#pragma GCC unroll 4
        for (int k = 0; k < kVectors; ++k)
            value[k] = rounding[k](values.template at<full>(x, first + k * kLanes));
        const Int result = narrow(value);
        if (full || x * out.step <= room) {
            Simd::store(to, result);
        } else {
            alignas(64) char padded[kGroup * kSize];
            Simd::store(padded, result);
            copy_bytes(to, padded, (channels - first) * kSize);
        }
    }
}

// The last channels first, because of what they overwrite.
template <bool wide, typename Rounding, typename Values>
void requantise_rows(const RequantiseTable& table, const Values& values, const Destination& out) {
    constexpr int kGroup = Narrow<wide>::kVectors * kLanes;
    int first = table.channels / kGroup * kGroup;
    if (first < table.channels) requantise_group<wide, false, Rounding>(table, first, values, out);
    while ((first -= kGroup) >= 0) requantise_group<wide, true, Rounding>(table, first, values, out);
}

template <typename Values>
void requantise_values(const RequantiseTable& table, const Values& values, const Destination& out) {
    if (table.leaky || table.rounds_low)
        table.wide ? requantise_rows<true, AnyRounding>(table, values, out)
                   : requantise_rows<false, AnyRounding>(table, values, out);
    else
        table.wide ? requantise_rows<true, HighRounding>(table, values, out)
                   : requantise_rows<false, HighRounding>(table, values, out);
}

template <Source kind>
void requantise_kind(const RequantiseArgs& args) {
    requantise_values(
        *args.table,
        Elements<kind>{static_cast<const char*>(args.source), args.source_step, args.table->channels},
        {args.destination, args.destination_step, args.columns});
}

void requantise(const RequantiseArgs& args) {
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

void normalise(const NormaliseArgs& args) {
    const int channels = args.table->channels;
    requantise_values(
        *args.table,
        Normalised{{reinterpret_cast<const char*>(args.x), args.x_step, channels},
                   {reinterpret_cast<const char*>(args.accumulators), args.accumulator_step, channels},
                   Simd::Rsqrt(args.rsqrt)},
        {args.destination, args.destination_step, args.columns});
}

struct Adder {
    Int multipliers, rounding;
    int32_t shift;

    explicit Adder(const AddArgs& args)
        : multipliers(Simd::set32(static_cast<int32_t>((static_cast<uint32_t>(args.multiplier_a) & 0xffff) |
                                                       (static_cast<uint32_t>(args.multiplier_b) << 16)))),
          rounding(Simd::set32(1 << (args.shift - 1))),
          shift(args.shift) {}

    Int sum(Int pairs) const {
        return Simd::shift_right(Simd::add32(Simd::multiply_pairs(pairs, multipliers), rounding), shift);
    }
    // 2·kLanes sums, saturated to int16.
    template <Source kind_a, Source kind_b>
    Int operator()(const char* from_a, const char* from_b) const {
        const Int a = Simd::load_words<kind_a>(from_a), b = Simd::load_words<kind_b>(from_b);
        return Simd::pack32(sum(Simd::interleave_low(a, b)), sum(Simd::interleave_high(a, b)));
    }
};

template <Source kind_a, Source kind_b, bool wide>
void add_rows(const AddArgs& args) {
    constexpr ptrdiff_t kWords = 2 * kLanes, kGroup = wide ? kWords : 2 * kWords;
    constexpr ptrdiff_t kBytesA = source_bytes(kind_a), kBytesB = source_bytes(kind_b), kSize = wide ? 2 : 1;
    const Adder adder(args);
    const Narrow<false> narrow(args.kind == Source::kQ8 ? -128 : 0, args.kind == Source::kQ8 ? 128 : 0);
    const auto add_group = [&](const char* a, const char* b, char* to) {
        const Int words = adder.operator()<kind_a, kind_b>(a, b);
        Simd::store(to, wide ? words
                             : narrow(words, adder.operator()<kind_a, kind_b>(a + kWords * kBytesA,
                                                                              b + kWords * kBytesB)));
    };
    const bool dense =
        args.step_a == args.channels && args.step_b == args.channels && args.step == args.channels;
    const ptrdiff_t rows = dense ? 1 : args.columns;
    const ptrdiff_t count = dense ? static_cast<ptrdiff_t>(args.columns) * args.channels : args.channels;
    for (ptrdiff_t x = 0; x < rows; ++x) {
        const char* a = static_cast<const char*>(args.a) + x * args.step_a * kBytesA;
        const char* b = static_cast<const char*>(args.b) + x * args.step_b * kBytesB;
        char* to = static_cast<char*>(args.destination) + x * args.step * kSize;
        ptrdiff_t i = 0;
        for (; i + kGroup <= count; i += kGroup) add_group(a + i * kBytesA, b + i * kBytesB, to + i * kSize);
        if (i == count) continue;
        alignas(64) char some_a[kGroup * kBytesA] = {}, some_b[kGroup * kBytesB] = {}, sums[kGroup * kSize];
        copy_bytes(some_a, a + i * kBytesA, (count - i) * kBytesA);
        copy_bytes(some_b, b + i * kBytesB, (count - i) * kBytesB);
        add_group(some_a, some_b, sums);
        copy_bytes(to + i * kSize, sums, (count - i) * kSize);
    }
}

template <Source kind_a, Source kind_b>
void add_kinds(const AddArgs& args) {
    args.kind == Source::kI16 ? add_rows<kind_a, kind_b, true>(args) : add_rows<kind_a, kind_b, false>(args);
}

template <Source kind_a>
void add_kind(const AddArgs& args) {
    switch (args.kind_b) {
        case Source::kQ8:
            return add_kinds<kind_a, Source::kQ8>(args);
        case Source::kU8:
            return add_kinds<kind_a, Source::kU8>(args);
        default:
            return add_kinds<kind_a, Source::kI16>(args);
    }
}

void add(const AddArgs& args) {
    switch (args.kind_a) {
        case Source::kQ8:
            return add_kind<Source::kQ8>(args);
        case Source::kU8:
            return add_kind<Source::kU8>(args);
        default:
            return add_kind<Source::kI16>(args);
    }
}

// Of bytes: the four bytes of channel c at a pixel are one lane.
void shuffle(const ShuffleArgs& args) {
    constexpr int kGroup = 4 * kLanes;
    for (ptrdiff_t x = 0; x < args.columns; ++x) {
        const char* from = static_cast<const char*>(args.source) + x * args.source_step;
        for (int j = 0; j < 2; ++j) {
            const int byte = 2 * args.odd_row + j;
            char* to = static_cast<char*>(args.destination) + (2 * x + j) * args.destination_step;
            int channel = 0;
            for (; channel + kGroup <= args.channels; channel += kGroup) {
                Int value[4];
#pragma GCC unroll 4
                for (int k = 0; k < 4; ++k) {
                    const Int lane = Simd::load<Source::kI32>(from + 4 * (channel + k * kLanes));
                    value[k] = Simd::shift_right(Simd::shift_left(lane, 24 - 8 * byte), 24);
                }
                // Signed bytes, which no saturation changes.
                Simd::store(to + channel, Simd::order_four(Simd::pack16(Simd::pack32(value[0], value[1]),
                                                                        Simd::pack32(value[2], value[3]))));
            }
            for (; channel < args.channels; ++channel) to[channel] = from[4 * channel + byte];
        }
    }
}

}  // namespace

}  // namespace residua::nn
