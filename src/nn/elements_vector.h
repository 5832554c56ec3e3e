// How the kernels written once over vectors read the elements of
// pixels, and write them. Included through pointwise_vector.h only.
#pragma once

#include "nn/kernels.h"

namespace residua::nn::RESIDUA_SIMD {

using namespace simd::RESIDUA_SIMD;

namespace {

constexpr ptrdiff_t source_bytes(Source kind) {
    return kind == Source::kI32 ? 4 : kind == Source::kI16 ? 2 : 1;
}

inline void copy_bytes(void* to, const void* from, ptrdiff_t count) {
    __builtin_memcpy(to, from, static_cast<size_t>(count));
}

// kNative elements.
template <Source kind>
Ints load(const char* from) {
    if constexpr (kind == Source::kI32) return Ints::load(reinterpret_cast<const int32_t*>(from));
    if constexpr (kind == Source::kI16) return Ints::load(reinterpret_cast<const int16_t*>(from));
    const Ints bytes = Ints::load(reinterpret_cast<const uint8_t*>(from));
    return kind == Source::kQ8 ? bytes - 128 : bytes;
}

// 2 · kNative elements.
template <Source kind>
Int16 load_words(const char* from) {
    if constexpr (kind == Source::kI16) return Int16::load(reinterpret_cast<const int16_t*>(from));
    const Int16 bytes = Int16::load(reinterpret_cast<const uint8_t*>(from));
    return kind == Source::kQ8 ? bytes - Int16::all(128) : bytes;
}

// kNative elements, of which only `count` exist; the others may be anything. Rows of accumulators are padded.
template <Source kind>
Ints load_some(const char* from, ptrdiff_t count) {
    if (count >= kNative || (kind == Source::kI32 && count > 0)) return load<kind>(from);
    alignas(64) char padded[kNative * source_bytes(kind)] = {};
    if (count > 0) copy_bytes(padded, from, count * source_bytes(kind));
    return load<kind>(padded);
}

// int32 of kNative channels of pixel x, from `channel` on; without `full` some of them do not exist.
template <Source kind>
struct Elements {
    const char* source;
    ptrdiff_t step;
    int channels;

    template <bool full>
    Ints at(ptrdiff_t x, int channel) const {
        const char* from = source + (x * step + channel) * source_bytes(kind);
        return full ? load<kind>(from) : load_some<kind>(from, channels - channel);
    }
};

// Brings int32 to the destination's range and elements: 2 registers to int16, or 4 to bytes.
template <bool wide>
struct Narrow;
template <>
struct Narrow<true> {
    static constexpr int kVectors = 2;
    Int16 low;

    explicit Narrow(int32_t lowest, int32_t) : low(Int16::all(lowest)) {}
    Int16 operator()(const Ints (&v)[2]) const { return max(packed_once(pack(v[0], v[1])), low); }
};
template <>
struct Narrow<false> {
    static constexpr int kVectors = 4;
    Int16 offset;
    Int8 sign, low;

    explicit Narrow(int32_t lowest, int32_t zero_point)
        : offset(Int16::all(128 - zero_point)), sign(Int8::all(128)), low(Int8::all(lowest + zero_point)) {}
    Int8 operator()(const Ints (&v)[4]) const {
        return clamped(packed_twice(packed(pack(v[0], v[1]), pack(v[2], v[3]))));
    }
    Int8 operator()(Int16 words, Int16 more) const { return clamped(packed_once(packed(words, more))); }

  private:
    // As int8, value − 128 for kU8; the sign bit then makes bytes of it.
    Int8 packed(Int16 words, Int16 more) const {
        return pack(subtract_saturated(words, offset), subtract_saturated(more, offset));
    }
    Int8 clamped(Int8 bytes) const { return max_unsigned(bytes ^ sign, low); }
};

}  // namespace

}  // namespace residua::nn::RESIDUA_SIMD
