// GDN's squares and its division written once over vectors; each instruction set includes it through
// pointwise_vector.h. Equal to kernels_scalar.cc, which defines them.
#pragma once

#include "nn/requantise_vector.h"

namespace residua::nn::RESIDUA_SIMD {

namespace {

// Values behind the division of GDN: x·r·128 >> (e/2), r = 1/sqrt(n).
struct Normalised {
    Elements<Source::kQ8> value;
    Elements<Source::kI32> sum;
    Neighbours64 rsqrt;

    template <bool full>
    Ints at(ptrdiff_t x, int channel) const {
        const Ints n = sum.at<full>(x, channel);
        // With h = floor(leading zeros / 2): 30 − e = 2h and e/2 = 15 − h.
        const Ints h = shift_right_unsigned(leading_zeros(n), 1);
        const Ints f = n << (h + h);
        const Ints fraction = shift_right_unsigned(f, 18) & 255;
        const Ints both = rsqrt.at_top_bits(f);
        const Ints at = both & 0xffff;
        const Ints slope = at - shift_right_unsigned(both, 16);
        // 0 ≤ slope ≤ 16384: both factors are non-negative int16, and their upper words 0.
        const Ints r = at - shift_right_unsigned(multiply_pairs(as_words(slope), as_words(fraction)), 8);
        return ((value.at<full>(x, channel) * r) << 7) >> (15 - h);
    }
};

inline void normalise(const NormaliseArgs& args) {
    const int channels = args.table->channels;
    requantise_values(
        *args.table,
        Normalised{{reinterpret_cast<const char*>(args.x), args.x_step, channels},
                   {reinterpret_cast<const char*>(args.accumulators), args.accumulator_step, channels},
                   Neighbours64(args.rsqrt)},
        {args.destination, args.destination_step, args.columns});
}

inline void square(const uint8_t* x, uint8_t* q, size_t count) {
    constexpr size_t kGroup = 2 * kNative;
    const auto square_group = [](const uint8_t* from, uint8_t* to) {
        const Int16 value = Int16::load(from) - Int16::all(128);
        shift_right_unsigned(value * value + Int16::all(32), 6).store_saturated(to);
    };
    size_t i = 0;
    for (; i + kGroup <= count; i += kGroup) square_group(x + i, q + i);
    if (i == count) return;
    uint8_t some[kGroup] = {}, squares[kGroup];
    copy_bytes(some, x + i, static_cast<ptrdiff_t>(count - i));
    square_group(some, squares);
    copy_bytes(q + i, squares, static_cast<ptrdiff_t>(count - i));
}

}  // namespace

}  // namespace residua::nn::RESIDUA_SIMD
