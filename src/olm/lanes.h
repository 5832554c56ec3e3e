// N floats that go through the same operations: one for each of N lanes of the wavefront, in one register. N
// = 1 is the plain scalar code that specifies all others. Only additions, subtractions, multiplications and
// divisions of IEEE-754 binary32, each rounded to nearest, so that every N, compiler and machine gives the
// same bits: files that include this are compiled without contraction (see CMakeLists.txt).
//
// Included by files compiled for an instruction set: no standard library but the integer types, and
// everything depends on N.
#pragma once

#include <cstdint>

#if defined(__FAST_MATH__) || (defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0)
#error "OLM needs IEEE-754 binary32 arithmetic: no -ffast-math, no x87"
#endif

#define RESIDUA_INLINE inline __attribute__((always_inline))
#define RESIDUA_UNROLL _Pragma("GCC unroll 16")

namespace residua::olm {

constexpr int kLanes = 16;  // of the wavefront; arrays of all lanes have that many

template <int N>
struct Native {
    // GCC forgets the attribute of an alias whose size depends on N.
    typedef float Float __attribute__((vector_size(4 * N)));
    typedef int32_t Int __attribute__((vector_size(4 * N)));
    static_assert(sizeof(Float) == 4 * N && sizeof(Int) == 4 * N);
};
template <>
struct Native<1> {
    using Float = float;
    using Int = int32_t;
};

template <int N>
struct Ints {
    typename Native<N>::Int v;

    RESIDUA_INLINE void store(int32_t* to) const { __builtin_memcpy(to, &v, sizeof(v)); }
};

template <int N>
struct Floats {
    using Vector = typename Native<N>::Float;
    Vector v;

    // From N floats that need not be aligned.
    static RESIDUA_INLINE Floats load(const float* from) {
        Floats result;
        __builtin_memcpy(&result.v, from, sizeof(result.v));
        return result;
    }
    static RESIDUA_INLINE Floats all(float value) { return {value - Vector{}}; }
    RESIDUA_INLINE void store(float* to) const { __builtin_memcpy(to, &v, sizeof(v)); }

    friend RESIDUA_INLINE Floats operator+(Floats a, Floats b) { return {a.v + b.v}; }
    friend RESIDUA_INLINE Floats operator-(Floats a, Floats b) { return {a.v - b.v}; }
    friend RESIDUA_INLINE Floats operator*(Floats a, Floats b) { return {a.v * b.v}; }
    friend RESIDUA_INLINE Floats operator/(Floats a, Floats b) { return {a.v / b.v}; }
    friend RESIDUA_INLINE Floats operator+(Floats a, float b) { return {a.v + b}; }
    friend RESIDUA_INLINE Floats operator-(Floats a, float b) { return {a.v - b}; }
    friend RESIDUA_INLINE Floats operator*(Floats a, float b) { return {a.v * b}; }
};

// a where a > b, otherwise (also when a is not a number) b; and likewise for <.
template <int N>
RESIDUA_INLINE Floats<N> max(Floats<N> a, Floats<N> b) {
    return {a.v > b.v ? a.v : b.v};
}
template <int N>
RESIDUA_INLINE Floats<N> min(Floats<N> a, Floats<N> b) {
    return {a.v < b.v ? a.v : b.v};
}
template <int N>
RESIDUA_INLINE Floats<N> clamp(Floats<N> a, float low, float high) {
    return min(max(a, Floats<N>::all(low)), Floats<N>::all(high));
}

template <int N>
RESIDUA_INLINE Ints<N> bits(Floats<N> a) {
    Ints<N> result;
    __builtin_memcpy(&result.v, &a.v, sizeof(a.v));
    return result;
}
template <int N>
RESIDUA_INLINE Floats<N> from_bits(Ints<N> a) {
    Floats<N> result;
    __builtin_memcpy(&result.v, &a.v, sizeof(a.v));
    return result;
}

template <int N>
RESIDUA_INLINE Floats<N> abs(Floats<N> a) {
    return from_bits(Ints<N>{bits(a).v & 0x7FFFFFFF});
}

// The lanes moved on by one: the first is the last one of `before`.
template <int N>
RESIDUA_INLINE Floats<N> moved_on(Floats<N> before, Floats<N> a) {
    static_assert(N == 1 || N == 8 || N == 16);
    if constexpr (N == 1)
        return before;
    else if constexpr (N == 8)
        return {__builtin_shufflevector(before.v, a.v, 7, 8, 9, 10, 11, 12, 13, 14)};
    else
        return {__builtin_shufflevector(before.v, a.v, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
                                        29, 30)};
}
template <int N>
RESIDUA_INLINE float last_lane(Floats<N> a) {
    if constexpr (N == 1)
        return a.v;
    else
        return a.v[N - 1];
}

// a, or 0 where |a| < 2^−40: what decays never becomes subnormal, which would be slow.
template <int N>
RESIDUA_INLINE Floats<N> without_dust(Floats<N> a) {
    const Ints<N> value = bits(a);
    const Ints<N> size = {value.v & 0x7FFFFFFF};
    return from_bits(Ints<N>{size.v < ((127 - 40) << 23) + (value.v & 0) ? value.v & 0 : value.v});
}

// The nearest integer, ties to even; |a| < 2^22.
template <int N>
RESIDUA_INLINE Ints<N> round(Floats<N> a) {
    return {bits(a + 12582912.0f).v - 0x4B400000};  // 1.5 · 2^23
}

template <int N>
RESIDUA_INLINE Floats<N> to_floats(Ints<N> a) {
    if constexpr (N == 1)
        return {static_cast<float>(a.v)};
    else
        return {__builtin_convertvector(a.v, typename Native<N>::Float)};
}

// Of a > 0 the exponent plus the mantissa's fraction: log2 a, interpolated linearly between powers of two.
template <int N>
RESIDUA_INLINE Floats<N> log2_line(Floats<N> a) {
    return to_floats(Ints<N>{bits(a).v - (127 << 23)}) * (1.0f / (1 << 23));
}

}  // namespace residua::olm
