// Requantisation written once over vectors; each instruction set includes it through pointwise_vector.h.
// Equal to kernels_scalar.cc, which defines it.
#pragma once

#include "nn/elements_vector.h"

namespace residua::nn::RESIDUA_SIMD {

namespace {

inline Ints constants(const int32_t* table, int channel) { return Ints::load(table + channel); }

// (v·m + 2^(s−1)) >> s with s > 32: the rounding bit belongs to the high half of the product.
struct HighRounding {
    Factor multiplier;
    Ints shift, rounding;

    HighRounding() = default;
    HighRounding(const RequantiseTable& table, int channel)
        : multiplier(factor(constants(table.multiplier, channel))),
          shift(constants(table.high_shift, channel)),
          rounding((Ints::all(1) << shift) >> 1) {}

    Ints operator()(Ints value) const { return (high_halves(value * multiplier) + rounding) >> shift; }
};

// The same for any s and LeakyReLU.
struct AnyRounding {
    Ints multiplier, negative_multiplier, shift;
    Wide rounding;

    AnyRounding() = default;
    AnyRounding(const RequantiseTable& table, int channel)
        : multiplier(constants(table.multiplier, channel)),
          negative_multiplier(constants(table.negative_multiplier, channel)),
          shift(constants(table.high_shift, channel)),
          rounding(shift_left_wide(int64_t{1} << 31, shift)) {}

    Ints operator()(Ints value) const {
        const Ints m = select_negative(value, negative_multiplier, multiplier);
        return high_halves(value * factor(m) + rounding) >> shift;
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
    constexpr ptrdiff_t kGroup = kVectors * kNative;
    Rounding rounding[kVectors];
#pragma GCC unroll 4
    for (int k = 0; k < kVectors; ++k) rounding[k] = Rounding(table, first + k * kNative);
    const Narrow<wide> narrow(table.low, table.zero_point);
    const int channels = table.channels;
    // What a whole register overwrites of the pixels after this
    // one is written again, so long as they are of this row.
    const ptrdiff_t room = out.step == channels ? out.columns * out.step - first - kGroup : -1;
    char* to = static_cast<char*>(out.elements) + first * kSize;
    for (ptrdiff_t x = 0; x < out.columns; ++x, to += out.step * kSize) {
        Ints value[kVectors];
#pragma GCC unroll 4
        for (int k = 0; k < kVectors; ++k)
            value[k] = rounding[k](values.template at<full>(x, first + k * kNative));
        const auto result = narrow(value);
        if (full || x * out.step <= room) {
            result.store(to);
        } else {
            alignas(64) char padded[kGroup * kSize];
            result.store(padded);
            copy_bytes(to, padded, (channels - first) * kSize);
        }
    }
}

// The last channels first, because of what they overwrite.
template <bool wide, typename Rounding, typename Values>
void requantise_rows(const RequantiseTable& table, const Values& values, const Destination& out) {
    constexpr int kGroup = Narrow<wide>::kVectors * kNative;
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

inline void requantise(const RequantiseArgs& args) {
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

}  // namespace

}  // namespace residua::nn::RESIDUA_SIMD
