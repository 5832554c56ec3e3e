// Vectors of N lanes, and what can be done with them, whatever the instruction set: docs/simd.md explains the
// vocabulary. An instruction set's header (avx2.h, avx512.h, scalar.h) names its namespace in RESIDUA_SIMD,
// includes this file and specialises the types for the lanes that one register holds (kNative); here is what
// follows from that: wider vectors are pairs of narrower ones, and numbers stand for vectors of equal lanes.
//
// Files compiled for an instruction set use no standard library but the integer types: an inline function
// compiled there could be chosen by the linker for the whole program. All names lie in a namespace of the
// instruction set, for the same reason.
#pragma once

#ifndef RESIDUA_SIMD
#error "include the header of an instruction set, such as simd/avx2.h"
#endif

#include <cstddef>
#include <cstdint>

#if defined(__FAST_MATH__) || (defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0)
#error "src/simd needs IEEE-754 binary32 arithmetic: no -ffast-math, no x87"
#endif

#define RESIDUA_INLINE inline __attribute__((always_inline))
#define RESIDUA_UNROLL _Pragma("GCC unroll 16")

namespace residua::simd::RESIDUA_SIMD {

// Two halves, until the instruction set's own type is reached.
template <int N>
struct Int32 {
    using Half = Int32<N / 2>;
    Half low, high;

    static RESIDUA_INLINE Int32 load(const int32_t* from) {
        return {Half::load(from), Half::load(from + N / 2)};
    }
    static RESIDUA_INLINE Int32 all(int32_t value) { return {Half::all(value), Half::all(value)}; }
    RESIDUA_INLINE void store(int32_t* to) const {
        low.store(to);
        high.store(to + N / 2);
    }
};

template <int N>
struct Float32 {
    using Half = Float32<N / 2>;
    Half low, high;

    static RESIDUA_INLINE Float32 load(const float* from) {
        return {Half::load(from), Half::load(from + N / 2)};
    }
    static RESIDUA_INLINE Float32 all(float value) { return {Half::all(value), Half::all(value)}; }
    RESIDUA_INLINE void store(float* to) const {
        low.store(to);
        high.store(to + N / 2);
    }
};

// Of each lane yes or no.
template <int N>
struct Mask32 {
    using Half = Mask32<N / 2>;
    Half low, high;

    // Lanes first ≤ lane < end, 0 ≤ first ≤ end ≤ N.
    static RESIDUA_INLINE Mask32 range(int first, int end) {
        return {Half::range(limited(first), limited(end)),
                Half::range(limited(first - N / 2), limited(end - N / 2))};
    }

  private:
    static RESIDUA_INLINE int limited(int lane) { return lane < 0 ? 0 : lane > N / 2 ? N / 2 : lane; }
};

#define RESIDUA_PAIRWISE(Result, function, First)   \
    template <int N>                                \
    RESIDUA_INLINE Result<N> function(First<N> a) { \
        return {function(a.low), function(a.high)}; \
    }
#define RESIDUA_PAIRWISE_2(Result, function, First, Second)        \
    template <int N>                                               \
    RESIDUA_INLINE Result<N> function(First<N> a, Second<N> b) {   \
        return {function(a.low, b.low), function(a.high, b.high)}; \
    }

RESIDUA_PAIRWISE_2(Int32, operator+, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, operator-, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, operator*, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, operator&, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, operator|, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, operator<<, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, operator>>, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, shift_right_unsigned, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, multiply_high_unsigned, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, min, Int32, Int32)
RESIDUA_PAIRWISE_2(Int32, max, Int32, Int32)
RESIDUA_PAIRWISE_2(Mask32, operator>, Int32, Int32)
RESIDUA_PAIRWISE_2(Mask32, operator==, Int32, Int32)
RESIDUA_PAIRWISE_2(Mask32, operator!=, Int32, Int32)
RESIDUA_PAIRWISE_2(Mask32, operator&, Mask32, Mask32)
RESIDUA_PAIRWISE_2(Mask32, operator|, Mask32, Mask32)
RESIDUA_PAIRWISE(Mask32, operator~, Mask32)
RESIDUA_PAIRWISE(Int32, leading_zeros, Int32)
RESIDUA_PAIRWISE_2(Float32, operator+, Float32, Float32)
RESIDUA_PAIRWISE_2(Float32, operator-, Float32, Float32)
RESIDUA_PAIRWISE_2(Float32, operator*, Float32, Float32)
RESIDUA_PAIRWISE_2(Float32, operator/, Float32, Float32)
RESIDUA_PAIRWISE_2(Float32, min, Float32, Float32)
RESIDUA_PAIRWISE_2(Float32, max, Float32, Float32)
RESIDUA_PAIRWISE(Int32, bits, Float32)
RESIDUA_PAIRWISE(Float32, from_bits, Int32)
RESIDUA_PAIRWISE(Float32, to_float, Int32)
RESIDUA_PAIRWISE(Int32, truncate, Float32)

#undef RESIDUA_PAIRWISE
#undef RESIDUA_PAIRWISE_2

template <int N>
RESIDUA_INLINE Int32<N> operator<<(Int32<N> a, int count) {
    return {a.low << count, a.high << count};
}
template <int N>
RESIDUA_INLINE Int32<N> operator>>(Int32<N> a, int count) {
    return {a.low >> count, a.high >> count};
}
template <int N>
RESIDUA_INLINE Int32<N> shift_right_unsigned(Int32<N> a, int count) {
    return {shift_right_unsigned(a.low, count), shift_right_unsigned(a.high, count)};
}
template <int N>
RESIDUA_INLINE Int32<N> gather(const int32_t* table, Int32<N> index) {
    return {gather(table, index.low), gather(table, index.high)};
}
template <int N>
RESIDUA_INLINE Int32<N> look_up_32(const int32_t* table, Int32<N> index) {
    return {look_up_32(table, index.low), look_up_32(table, index.high)};
}
template <int N>
RESIDUA_INLINE Int32<N> divide_unsigned(double numerator, Int32<N> a, double offset) {
    return {divide_unsigned(numerator, a.low, offset), divide_unsigned(numerator, a.high, offset)};
}
template <int N>
RESIDUA_INLINE Int32<N> select(Mask32<N> mask, Int32<N> yes, Int32<N> no) {
    return {select(mask.low, yes.low, no.low), select(mask.high, yes.high, no.high)};
}
template <int N>
RESIDUA_INLINE Float32<N> select(Mask32<N> mask, Float32<N> yes, Float32<N> no) {
    return {select(mask.low, yes.low, no.low), select(mask.high, yes.high, no.high)};
}
template <int N>
RESIDUA_INLINE bool any(Mask32<N> a) {
    return any(a.low | a.high);
}
template <int N>
RESIDUA_INLINE int32_t sum(Int32<N> a) {
    return sum(a.low + a.high);
}

// A number stands for a vector of equal lanes.
template <int N>
RESIDUA_INLINE Int32<N> operator+(Int32<N> a, int32_t b) {
    return a + Int32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Int32<N> operator-(Int32<N> a, int32_t b) {
    return a - Int32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Int32<N> operator-(int32_t a, Int32<N> b) {
    return Int32<N>::all(a) - b;
}
template <int N>
RESIDUA_INLINE Int32<N> operator*(Int32<N> a, int32_t b) {
    return a * Int32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Int32<N> operator&(Int32<N> a, int32_t b) {
    return a & Int32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Mask32<N> operator>(Int32<N> a, int32_t b) {
    return a > Int32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Mask32<N> operator==(Int32<N> a, int32_t b) {
    return a == Int32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Mask32<N> operator!=(Int32<N> a, int32_t b) {
    return a != Int32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Float32<N> operator+(Float32<N> a, float b) {
    return a + Float32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Float32<N> operator-(Float32<N> a, float b) {
    return a - Float32<N>::all(b);
}
template <int N>
RESIDUA_INLINE Float32<N> operator*(Float32<N> a, float b) {
    return a * Float32<N>::all(b);
}

template <int N>
RESIDUA_INLINE Int32<N> clamp(Int32<N> a, int32_t low, int32_t high) {
    return min(max(a, Int32<N>::all(low)), Int32<N>::all(high));
}
template <int N>
RESIDUA_INLINE Float32<N> clamp(Float32<N> a, float low, float high) {
    return min(max(a, Float32<N>::all(low)), Float32<N>::all(high));
}
template <int N>
RESIDUA_INLINE Int32<N> abs(Int32<N> a) {
    return max(a, 0 - a);
}
template <int N>
RESIDUA_INLINE Float32<N> abs(Float32<N> a) {
    return from_bits(bits(a) & 0x7FFFFFFF);
}
// The nearest integer, ties to even; |a| < 2^22.
template <int N>
RESIDUA_INLINE Int32<N> round(Float32<N> a) {
    return bits(a + 12582912.0F) - 0x4B400000;  // 1.5 · 2^23
}

}  // namespace residua::simd::RESIDUA_SIMD
