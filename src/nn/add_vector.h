// Addition written once over vectors; each instruction set includes it through pointwise_vector.h. Equal to
// kernels_scalar.cc, which defines it.
#pragma once

#include "nn/elements_vector.h"

namespace residua::nn::RESIDUA_SIMD {

namespace {

struct Adder {
    Int16 multipliers;
    Ints rounding;
    int32_t shift;

    explicit Adder(const AddArgs& args)
        : multipliers(
              as_words(Ints::all(static_cast<int32_t>((static_cast<uint32_t>(args.multiplier_a) & 0xffff) |
                                                      (static_cast<uint32_t>(args.multiplier_b) << 16))))),
          rounding(Ints::all(1 << (args.shift - 1))),
          shift(args.shift) {}

    Ints sum(Int16 pairs) const { return (multiply_pairs(pairs, multipliers) + rounding) >> shift; }
    // 2 · kNative sums, saturated to int16.
    template <Source kind_a, Source kind_b>
    Int16 operator()(const char* from_a, const char* from_b) const {
        const Int16 a = load_words<kind_a>(from_a), b = load_words<kind_b>(from_b);
        return pack(sum(interleave_low(a, b)), sum(interleave_high(a, b)));
    }
};

template <Source kind_a, Source kind_b, bool wide>
void add_rows(const AddArgs& args) {
    constexpr ptrdiff_t kWords = 2 * kNative, kGroup = wide ? kWords : 2 * kWords;
    constexpr ptrdiff_t kBytesA = source_bytes(kind_a), kBytesB = source_bytes(kind_b), kSize = wide ? 2 : 1;
    const Adder adder(args);
    const Narrow<false> narrow(args.kind == Source::kQ8 ? -128 : 0, args.kind == Source::kQ8 ? 128 : 0);
    const auto add_group = [&](const char* a, const char* b, char* to) {
        const Int16 words = adder.operator()<kind_a, kind_b>(a, b);
        if constexpr (wide)
            words.store(to);
        else
            narrow(words, adder.operator()<kind_a, kind_b>(a + kWords * kBytesA, b + kWords * kBytesB))
                .store(to);
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

inline void add(const AddArgs& args) {
    switch (args.kind_a) {
        case Source::kQ8:
            return add_kind<Source::kQ8>(args);
        case Source::kU8:
            return add_kind<Source::kU8>(args);
        default:
            return add_kind<Source::kI16>(args);
    }
}

}  // namespace

}  // namespace residua::nn::RESIDUA_SIMD
