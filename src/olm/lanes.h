// The floats of OLM's experts: one for each of kNative lanes of the wavefront, in one register. With one lane
// (simd/scalar.h) this is the plain code that specifies all others. Only additions, subtractions,
// multiplications and divisions of IEEE-754 binary32, each rounded to nearest, so that every instruction set,
// compiler and machine gives the same bits: nothing of the library is compiled with contraction.
//
// Included by kernels_<name>.cc behind the header of their
// instruction set: no standard library but the integer types.
#pragma once

#include "olm/wavefront.h"

namespace residua::olm::RESIDUA_SIMD {

using namespace simd::RESIDUA_SIMD;

using F = Floats;
static_assert(kLanes % kNative == 0);

// a, or 0 where |a| < 2^−40: what decays never becomes subnormal, which would be slow.
RESIDUA_INLINE F without_dust(F a) {
    const Ints size = bits(a) & 0x7FFFFFFF;
    return from_bits(select(Ints::all((127 - 40) << 23) > size, Ints::all(0), bits(a)));
}

// Of a > 0 the exponent plus the mantissa's fraction: log2 a, interpolated linearly between powers of two.
RESIDUA_INLINE F log2_line(F a) { return to_float(bits(a) - (127 << 23)) * (1.0F / (1 << 23)); }
RESIDUA_INLINE float log2_line(float a) {
    int32_t bits;
    __builtin_memcpy(&bits, &a, sizeof(a));
    return static_cast<float>(bits - (127 << 23)) * (1.0F / (1 << 23));
}

// The vectors of kNative lanes, one after the other from lane `first` on, that hold all lanes of a set of bits: in narrow
// tiles fewer than all have pixels.
struct Vectors {
    int first, count;
};
RESIDUA_INLINE Vectors vectors_of(uint32_t lanes) {
    if (lanes == 0) return {0, 0};
    const int lowest = __builtin_ctz(lanes), highest = 31 - __builtin_clz(lanes);
    const int count = (highest - lowest) / kNative + 1, last_first = kLanes - count * kNative;
    return {lowest < last_first ? lowest : last_first, count};
}

// Calls of(first) for each of these vectors that has one of the lanes.
template <typename Of>
RESIDUA_INLINE void visit_vectors(uint32_t lanes, const Of& of) {
    constexpr uint32_t kVector = (uint32_t{1} << kNative) - 1;
    const Vectors vectors = vectors_of(lanes);
    for (int v = 0, first = vectors.first; v < vectors.count; ++v, first += kNative)
        if (lanes >> first & kVector) of(first);
}

}  // namespace residua::olm::RESIDUA_SIMD
