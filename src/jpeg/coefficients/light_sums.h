// Sums of 16 bits around a block, one for each place in zigzag order: docs/format-jpeg-light.md, 5.
#pragma once

#include "jpeg/coefficients/levels.h"
#include "jpeg/coefficients/light_model.h"
#include "jpeg/coefficients/light_words.h"

namespace residua::jpeg::RESIDUA_SIMD {

inline constexpr int kMostLight = 255;    // of a coefficient in sums
inline constexpr int kMostAround = 1023;  // of other inputs
inline constexpr int kLightScale = 1 << 7, kAroundScale = 1 << 5;

// Sums in registers, while much is added.
template <int Places>
struct LightSums {
    static constexpr int kVectors = Places / kWords;
    Words v[kVectors];

    static RESIDUA_INLINE LightSums zero() {
        LightSums sums;
        RESIDUA_UNROLL
        for (int i = 0; i < kVectors; ++i) sums.v[i] = Words::all(0);
        return sums;
    }
    static RESIDUA_INLINE LightSums load(const int16_t* from) {
        LightSums sums;
        RESIDUA_UNROLL
        for (int i = 0; i < kVectors; ++i) sums.v[i] = Words::load(from + kWords * i);
        return sums;
    }
    // Rows of `factor` times a weight, rounded.
    RESIDUA_INLINE void add(const int16_t* row, int32_t factor) {
        const Words f = Words::all(factor);
        RESIDUA_UNROLL
        for (int i = 0; i < kVectors; ++i) v[i] = v[i] + rounded_product(Words::load(row + kWords * i), f);
    }
    template <int Rows>
    RESIDUA_INLINE void add_all(const int16_t (&rows)[Rows][Places], const int16_t* factors, int32_t scale,
                                uint64_t which) {
        for (; which != 0; which &= which - 1) {
            const int p = __builtin_ctzll(which);
            add(rows[p], factors[p] * scale);
        }
    }
    RESIDUA_INLINE void store(int16_t* to) const {
        RESIDUA_UNROLL
        for (int i = 0; i < kVectors; ++i) v[i].store(to + kWords * i);
    }
};

// min(3 · (|left| + |above|) + |above_left| + |above_right|, kMostAround) of values within ±kMostLight.
RESIDUA_INLINE void sizes_around(const int16_t* left, const int16_t* above, const int16_t* above_left,
                                 const int16_t* above_right, int16_t* to) {
    RESIDUA_UNROLL
    for (int i = 0; i < 64; i += kWords) {
        const Words beside = magnitude(Words::load(left + i)) + magnitude(Words::load(above + i));
        const Words corners =
            magnitude(Words::load(above_left + i)) + magnitude(Words::load(above_right + i));
        least_unsigned(beside + beside + beside + corners, Words::all(kMostAround)).store(to + i);
    }
}

// min(|from|, kMostLight).
RESIDUA_INLINE Words light_sizes(const int16_t* from) {
    return least_unsigned(magnitude(Words::load(from)), Words::all(kMostLight));
}

// Sixteenths of a step, without a sign, as a level.
struct ExpectedLevels {
    static constexpr uint32_t kLast = 1792;  // of the last level
    uint8_t of[kLast + 1];
};
inline constexpr ExpectedLevels kExpectedLevel = [] {
    ExpectedLevels made{};
    for (uint32_t x = 0; x <= ExpectedLevels::kLast; ++x)
        made.of[x] = static_cast<uint8_t>(computed_fine_level(x));
    return made;
}();
static_assert(kExpectedLevel.of[ExpectedLevels::kLast] == kExpectedLevels - 1);
RESIDUA_INLINE uint32_t expected_level(int16_t sum) {
    return kExpectedLevel.of[least<uint32_t>(static_cast<uint16_t>(sum), ExpectedLevels::kLast)];
}

}  // namespace residua::jpeg::RESIDUA_SIMD
