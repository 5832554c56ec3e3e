// The vocabulary in plain C++: what each operation means, whatever the instruction set. scalar.h makes one
// lane of it, which OLM's scalar kernels use; the tests make four, as on NEON, and compare all else with
// them. A header that includes this has named its namespace in RESIDUA_SIMD, and its kNative.
#pragma once

#include "simd/vectors.h"

// A vector whose lane i is the expression.
#define RESIDUA_EACH(Vector, expression)                                               \
    Vector result;                                                                     \
    for (int i = 0; i < static_cast<int>(sizeof(result.v) / sizeof(result.v[0])); ++i) \
        set(result.v[i], expression);                                                  \
    return result

namespace residua::simd::RESIDUA_SIMD {

template <typename Element, typename Value>
RESIDUA_INLINE void set(Element& lane, Value value) {
    lane = static_cast<Element>(value);
}

constexpr int kRegisters = 32;  // that an algorithm may count on; here the compiler sees to it

template <>
struct Int32<kNative> {
    int32_t v[kNative];

    // Bytes are copied: nothing need be aligned.
    static RESIDUA_INLINE Int32 load(const int32_t* from) {
        Int32 result;
        __builtin_memcpy(result.v, from, sizeof result.v);
        return result;
    }
    static RESIDUA_INLINE Int32 load(const int16_t* from) {
        int16_t lanes[kNative];
        __builtin_memcpy(lanes, from, sizeof lanes);
        RESIDUA_EACH(Int32, lanes[i]);
    }
    static RESIDUA_INLINE Int32 load(const uint8_t* from) { RESIDUA_EACH(Int32, from[i]); }
    static RESIDUA_INLINE Int32 all(int32_t value) { RESIDUA_EACH(Int32, value); }
    RESIDUA_INLINE void store(int32_t* to) const { __builtin_memcpy(to, v, sizeof v); }
    RESIDUA_INLINE uint32_t raw(int i) const { return static_cast<uint32_t>(v[i]); }
};

template <>
struct Float32<kNative> {
    float v[kNative];

    static RESIDUA_INLINE Float32 load(const float* from) {
        Float32 result;
        __builtin_memcpy(result.v, from, sizeof result.v);
        return result;
    }
    static RESIDUA_INLINE Float32 all(float value) { RESIDUA_EACH(Float32, value); }
    RESIDUA_INLINE void store(float* to) const { __builtin_memcpy(to, v, sizeof v); }
};

template <>
struct Mask32<kNative> {
    bool v[kNative];

    static RESIDUA_INLINE Mask32 range(int first, int end) { RESIDUA_EACH(Mask32, first <= i && i < end); }
};

using Ints = Int32<kNative>;
using Floats = Float32<kNative>;
using Masks = Mask32<kNative>;

// Modulo 2^32.
RESIDUA_INLINE Ints operator+(Ints a, Ints b) { RESIDUA_EACH(Ints, a.raw(i) + b.raw(i)); }
RESIDUA_INLINE Ints operator-(Ints a, Ints b) { RESIDUA_EACH(Ints, a.raw(i) - b.raw(i)); }
RESIDUA_INLINE Ints operator*(Ints a, Ints b) { RESIDUA_EACH(Ints, a.raw(i) * b.raw(i)); }
RESIDUA_INLINE Ints operator&(Ints a, Ints b) { RESIDUA_EACH(Ints, a.v[i] & b.v[i]); }
RESIDUA_INLINE Ints operator|(Ints a, Ints b) { RESIDUA_EACH(Ints, a.v[i] | b.v[i]); }
// Counts of 0…31. Others, where they are lanes, give anything; as a number, nothing defined.
RESIDUA_INLINE Ints operator<<(Ints a, Ints count) { RESIDUA_EACH(Ints, a.raw(i) << (count.v[i] & 31)); }
RESIDUA_INLINE Ints operator>>(Ints a, Ints count) { RESIDUA_EACH(Ints, a.v[i] >> (count.v[i] & 31)); }
RESIDUA_INLINE Ints operator<<(Ints a, int count) { RESIDUA_EACH(Ints, a.raw(i) << count); }
RESIDUA_INLINE Ints operator>>(Ints a, int count) { RESIDUA_EACH(Ints, a.v[i] >> count); }
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, int count) { RESIDUA_EACH(Ints, a.raw(i) >> count); }
// Counts of 32 and more give 0.
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, Ints count) {
    RESIDUA_EACH(Ints, count.raw(i) < 32 ? a.raw(i) >> count.raw(i) : 0);
}
RESIDUA_INLINE Ints min(Ints a, Ints b) { RESIDUA_EACH(Ints, a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
RESIDUA_INLINE Ints max(Ints a, Ints b) { RESIDUA_EACH(Ints, a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }

RESIDUA_INLINE Masks operator>(Ints a, Ints b) { RESIDUA_EACH(Masks, a.v[i] > b.v[i]); }
RESIDUA_INLINE Masks operator==(Ints a, Ints b) { RESIDUA_EACH(Masks, a.v[i] == b.v[i]); }
RESIDUA_INLINE Masks operator!=(Ints a, Ints b) { RESIDUA_EACH(Masks, a.v[i] != b.v[i]); }
RESIDUA_INLINE Masks operator&(Masks a, Masks b) { RESIDUA_EACH(Masks, a.v[i] && b.v[i]); }
RESIDUA_INLINE Masks operator|(Masks a, Masks b) { RESIDUA_EACH(Masks, a.v[i] || b.v[i]); }
RESIDUA_INLINE Masks operator~(Masks a) { RESIDUA_EACH(Masks, !a.v[i]); }
RESIDUA_INLINE bool any(Masks a) {
    bool result = false;
    for (bool lane : a.v) result |= lane;
    return result;
}
RESIDUA_INLINE Ints select(Masks mask, Ints yes, Ints no) {
    RESIDUA_EACH(Ints, mask.v[i] ? yes.v[i] : no.v[i]);
}
RESIDUA_INLINE Floats select(Masks mask, Floats yes, Floats no) {
    RESIDUA_EACH(Floats, mask.v[i] ? yes.v[i] : no.v[i]);
}
RESIDUA_INLINE Ints select_negative(Ints a, Ints yes, Ints no) {
    RESIDUA_EACH(Ints, a.v[i] < 0 ? yes.v[i] : no.v[i]);
}

RESIDUA_INLINE Floats operator+(Floats a, Floats b) { RESIDUA_EACH(Floats, a.v[i] + b.v[i]); }
RESIDUA_INLINE Floats operator-(Floats a, Floats b) { RESIDUA_EACH(Floats, a.v[i] - b.v[i]); }
RESIDUA_INLINE Floats operator*(Floats a, Floats b) { RESIDUA_EACH(Floats, a.v[i] * b.v[i]); }
RESIDUA_INLINE Floats operator/(Floats a, Floats b) { RESIDUA_EACH(Floats, a.v[i] / b.v[i]); }
// b where one of both is not a number, or both are zeros.
RESIDUA_INLINE Floats min(Floats a, Floats b) { RESIDUA_EACH(Floats, a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
RESIDUA_INLINE Floats max(Floats a, Floats b) { RESIDUA_EACH(Floats, a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
RESIDUA_INLINE Floats to_float(Ints a) { RESIDUA_EACH(Floats, static_cast<float>(a.v[i])); }
RESIDUA_INLINE Ints truncate(Floats a) { RESIDUA_EACH(Ints, static_cast<int32_t>(a.v[i])); }  // |a| < 2^31
RESIDUA_INLINE Ints bits(Floats a) {
    Ints result;
    __builtin_memcpy(result.v, a.v, sizeof a.v);
    return result;
}
RESIDUA_INLINE Floats from_bits(Ints a) {
    Floats result;
    __builtin_memcpy(result.v, a.v, sizeof a.v);
    return result;
}
// The lanes moved on by one: the first is the last one of `before`.
RESIDUA_INLINE Floats moved_on(Floats before, Floats a) {
    RESIDUA_EACH(Floats, i == 0 ? before.v[kNative - 1] : a.v[i - (i > 0)]);
}
RESIDUA_INLINE float last_lane(Floats a) { return a.v[kNative - 1]; }

RESIDUA_INLINE int32_t sum(Ints a) {
    uint32_t result = 0;
    for (int i = 0; i < kNative; ++i) result += a.raw(i);
    return static_cast<int32_t>(result);
}
// Of a number without a sign; anything for 0.
RESIDUA_INLINE Ints leading_zeros(Ints a) { RESIDUA_EACH(Ints, __builtin_clz(a.raw(i) | 1)); }
RESIDUA_INLINE Ints gather(const int32_t* table, Ints index) { RESIDUA_EACH(Ints, table[index.v[i]]); }
// The same as Ints::load. Faster where the numbers were just computed one by one: stores of theirs need not have
// reached memory.
RESIDUA_INLINE Ints from_lanes(const int32_t* lanes) { return Ints::load(lanes); }
// The same for a table of 32 numbers.
RESIDUA_INLINE Ints look_up_32(const int32_t* table, Ints index) { return gather(table, index); }
// 0 ≤ quotient; from 2^31 on anything, but defined.
RESIDUA_INLINE uint32_t whole(double quotient) {
    return quotient < 0x1p32 ? static_cast<uint32_t>(quotient) : 0;
}
// floor(numerator / (a + offset)) in [0, 2^31), anything beyond; a without a sign, numerator and offset not
// negative, the divisor not 0. Exact for whole numbers below 2^53.
RESIDUA_INLINE Ints divide_unsigned(double numerator, Ints a, double offset) {
    RESIDUA_EACH(Ints, whole(numerator / (a.raw(i) + offset)));
}
RESIDUA_INLINE Ints multiply_high_unsigned(Ints a, Ints b) {
    RESIDUA_EACH(Ints, (static_cast<uint64_t>(a.raw(i)) * b.raw(i)) >> 32);
}

// 64 bits of each lane, in an order that suits the instruction set.
struct Wide {
    int64_t v[kNative];
};
// A factor of such products, made ready for many.
struct Factor {
    int32_t v[kNative];
};
RESIDUA_INLINE Factor factor(Ints a) { RESIDUA_EACH(Factor, a.v[i]); }
RESIDUA_INLINE Wide operator*(Ints a, Factor b) { RESIDUA_EACH(Wide, int64_t{a.v[i]} * b.v[i]); }
RESIDUA_INLINE Wide operator+(Wide a, Wide b) {
    RESIDUA_EACH(Wide, static_cast<uint64_t>(a.v[i]) + static_cast<uint64_t>(b.v[i]));
}
// Counts of 0…31; anything for others.
RESIDUA_INLINE Wide shift_left_wide(int64_t value, Ints count) {
    RESIDUA_EACH(Wide, static_cast<uint64_t>(value) << (count.v[i] & 31));
}
RESIDUA_INLINE Ints high_halves(Wide a) { RESIDUA_EACH(Ints, a.v[i] >> 32); }

// A register of 16-bit lanes.
struct Int16 {
    int16_t v[2 * kNative];

    static RESIDUA_INLINE Int16 load(const int16_t* from) {
        Int16 result;
        __builtin_memcpy(result.v, from, sizeof result.v);
        return result;
    }
    static RESIDUA_INLINE Int16 load(const uint8_t* from) { RESIDUA_EACH(Int16, from[i]); }
    static RESIDUA_INLINE Int16 all(int value) { RESIDUA_EACH(Int16, static_cast<int16_t>(value)); }
    RESIDUA_INLINE void store(void* to) const { __builtin_memcpy(to, v, sizeof v); }
    // Lanes of 0…32767 as bytes, larger ones than 255 as that.
    RESIDUA_INLINE void store_saturated(uint8_t* to) const {
        for (int i = 0; i < 2 * kNative; ++i) to[i] = static_cast<uint8_t>(v[i] < 255 ? v[i] : 255);
    }
};
RESIDUA_INLINE int16_t low_16(int32_t value) { return static_cast<int16_t>(value); }
RESIDUA_INLINE int16_t saturated_16(int32_t value) {
    return static_cast<int16_t>(value < -32768 ? -32768 : value > 32767 ? 32767 : value);
}
RESIDUA_INLINE Int16 operator+(Int16 a, Int16 b) { RESIDUA_EACH(Int16, low_16(a.v[i] + b.v[i])); }
RESIDUA_INLINE Int16 operator-(Int16 a, Int16 b) { RESIDUA_EACH(Int16, low_16(a.v[i] - b.v[i])); }
RESIDUA_INLINE Int16 operator*(Int16 a, Int16 b) { RESIDUA_EACH(Int16, low_16(a.v[i] * b.v[i])); }
// Counts of 0…15.
RESIDUA_INLINE Int16 shift_right_unsigned(Int16 a, int count) {
    RESIDUA_EACH(Int16, low_16(static_cast<uint16_t>(a.v[i]) >> count));
}
RESIDUA_INLINE Int16 max(Int16 a, Int16 b) { RESIDUA_EACH(Int16, a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
RESIDUA_INLINE Int16 subtract_saturated(Int16 a, Int16 b) {
    RESIDUA_EACH(Int16, saturated_16(a.v[i] - b.v[i]));
}
// a and b in turn: their first halves, and their second
// ones; of what a pack joins, where that is done in parts.
RESIDUA_INLINE Int16 interleave_low(Int16 a, Int16 b) { RESIDUA_EACH(Int16, (i % 2 ? b : a).v[i / 2]); }
RESIDUA_INLINE Int16 interleave_high(Int16 a, Int16 b) {
    RESIDUA_EACH(Int16, (i % 2 ? b : a).v[kNative + i / 2]);
}
// The low half of each lane, then its high half.
RESIDUA_INLINE Int16 as_words(Ints a) { RESIDUA_EACH(Int16, low_16(a.v[i / 2] >> (i % 2 * 16))); }
// Of each pair of lanes the sum of both products, modulo 2^32.
RESIDUA_INLINE Ints multiply_pairs(Int16 a, Int16 b) {
    RESIDUA_EACH(Ints, static_cast<uint32_t>(a.v[2 * i] * b.v[2 * i]) +
                           static_cast<uint32_t>(a.v[2 * i + 1] * b.v[2 * i + 1]));
}
// The same added to each lane of `sum`, modulo 2^32.
RESIDUA_INLINE Ints add_pairs(Ints sum, Int16 a, Int16 b) { return sum + multiply_pairs(a, b); }

// A register of bytes.
struct Int8 {
    int8_t v[4 * kNative];

    static RESIDUA_INLINE Int8 all(int value) { RESIDUA_EACH(Int8, static_cast<int8_t>(value)); }
    RESIDUA_INLINE void store(void* to) const { __builtin_memcpy(to, v, sizeof v); }
};
RESIDUA_INLINE Int8 operator^(Int8 a, Int8 b) { RESIDUA_EACH(Int8, a.v[i] ^ b.v[i]); }
RESIDUA_INLINE Int8 max_unsigned(Int8 a, Int8 b) {
    RESIDUA_EACH(Int8, static_cast<uint8_t>(a.v[i]) > static_cast<uint8_t>(b.v[i]) ? a.v[i] : b.v[i]);
}

// a and b in lanes of half the width, saturated. Where registers are packed in parts, the order of what was
// packed once or twice is not that of memory before packed_once or packed_twice.
RESIDUA_INLINE Int16 pack(Ints a, Ints b) {
    RESIDUA_EACH(Int16, saturated_16((i < kNative ? a : b).v[i % kNative]));
}
RESIDUA_INLINE int8_t saturated_8(int value) {
    return static_cast<int8_t>(value < -128 ? -128 : value > 127 ? 127 : value);
}
RESIDUA_INLINE Int8 pack(Int16 a, Int16 b) {
    RESIDUA_EACH(Int8, saturated_8((i < 2 * kNative ? a : b).v[i % (2 * kNative)]));
}
RESIDUA_INLINE Int16 packed_once(Int16 a) { return a; }
RESIDUA_INLINE Int8 packed_once(Int8 a) { return a; }
RESIDUA_INLINE Int8 packed_twice(Int8 a) { return a; }

// A table of 65 words, to look up neighbours in.
class Neighbours64 {
  public:
    explicit RESIDUA_INLINE Neighbours64(const uint16_t* table) : table_(table) {}
    // With i the highest six bits of a, which are not 0: word i, and word i + 1 above it.
    RESIDUA_INLINE Ints at_top_bits(Ints a) const {
        RESIDUA_EACH(Ints, table_[a.raw(i) >> 26] | static_cast<uint32_t>(table_[(a.raw(i) >> 26) + 1])
                                                        << 16);
    }

  private:
    const uint16_t* table_;
};

// Sixteen rows of sixteen int16 become sixteen columns of int32: out[column · step + row], `step` numbers
// from one column to the next. Row r starts at rows + r · pitch.
RESIDUA_INLINE void transpose_16x16(const int16_t* rows, ptrdiff_t pitch, int32_t* out, ptrdiff_t step) {
    for (int row = 0; row < 16; ++row)
        for (int column = 0; column < 16; ++column) out[column * step + row] = rows[row * pitch + column];
}

}  // namespace residua::simd::RESIDUA_SIMD

#undef RESIDUA_EACH
