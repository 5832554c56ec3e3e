// Magnitudes in classes. docs/format-jpeg-coefficients.md, 3.
#pragma once

#include <cstdint>

#include "jpeg/coefficients/kernels.h"

namespace residua::jpeg::RESIDUA_SIMD {

constexpr uint32_t computed_level(uint32_t x) {
    if (x < 2) return x;
    const uint32_t log = 31u - static_cast<uint32_t>(__builtin_clz(x));
    return 2 * log + ((x >> (log - 1)) & 1);
}
constexpr uint32_t computed_fine_level(uint32_t x) {
    if (x < 4) return x;
    const uint32_t log = 31u - static_cast<uint32_t>(__builtin_clz(x));
    return 4 * (log - 1) + ((x >> (log - 2)) & 3);
}

// Those of small numbers: looking them up is faster than counting zeros, on some processors several times.
struct SmallLevels {
    static constexpr uint32_t kLevels = 256, kFineLevels = 512;
    uint8_t level[kLevels], fine[kFineLevels];
};
inline constexpr SmallLevels kSmallLevels = [] {
    SmallLevels made{};
    for (uint32_t x = 0; x < SmallLevels::kLevels; ++x)
        made.level[x] = static_cast<uint8_t>(computed_level(x));
    for (uint32_t x = 0; x < SmallLevels::kFineLevels; ++x)
        made.fine[x] = static_cast<uint8_t>(computed_fine_level(x));
    return made;
}();

// 0, 1, 2, 3, 4–5, 6–7, 8–11, 12–15, …, at most `most`.
RESIDUA_INLINE uint32_t level(uint32_t x, uint32_t most) {
    constexpr uint32_t kLast = SmallLevels::kLevels - 1;
    const uint32_t l =
        most <= kSmallLevels.level[kLast] ? kSmallLevels.level[x < kLast ? x : kLast] : computed_level(x);
    return l < most ? l : most;
}

// Four to an octave: 0 … 7, 8–9, 10–11, …
RESIDUA_INLINE uint32_t fine_level(uint32_t x, uint32_t most) {
    constexpr uint32_t kLast = SmallLevels::kFineLevels - 1;
    const uint32_t l =
        most <= kSmallLevels.fine[kLast] ? kSmallLevels.fine[x < kLast ? x : kLast] : computed_fine_level(x);
    return l < most ? l : most;
}

RESIDUA_INLINE uint32_t size_of(int x) { return static_cast<uint32_t>(x < 0 ? -x : x); }

RESIDUA_INLINE uint32_t signed_level(int x, uint32_t most) {
    const uint32_t l = level(size_of(x), most);
    return x < 0 ? most - l : most + l;
}

template <class T>
RESIDUA_INLINE T least(T a, T b) {
    return a < b ? a : b;
}
template <class T>
RESIDUA_INLINE T limited(T x, T low, T high) {
    return x < low ? low : x > high ? high : x;
}

}  // namespace residua::jpeg::RESIDUA_SIMD
