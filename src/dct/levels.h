// Magnitudes in few levels, for contexts. docs/format-dct.md, 1.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>

namespace residua::dct {

// Half octaves: 0, 1, 2, 3, 4–5, 6–7, 8–11, 12–15, 16–23, …; not above `most`.
inline uint32_t level(uint32_t x, uint32_t most) {
    if (x < 2) return std::min(x, most);
    const auto width = static_cast<uint32_t>(std::bit_width(x));
    return std::min(2 * (width - 1) + ((x >> (width - 2)) & 1), most);
}

// Quarter octaves: 0 … 7, 8–9, 10–11, 12–13, 14–15, 16–19, …. x < 2^15 makes less than 56.
inline uint32_t fine_level(uint32_t x) {
    if (x < 4) return x;
    const auto width = static_cast<uint32_t>(std::bit_width(x));
    return 4 * (width - 2) + ((x >> (width - 3)) & 3);
}

// −most … most, counted from 0.
inline uint32_t signed_level(int x, int most) {
    const auto size =
        static_cast<int>(level(static_cast<uint32_t>(std::abs(x)), static_cast<uint32_t>(most)));
    return static_cast<uint32_t>(x < 0 ? most - size : most + size);
}

inline uint32_t magnitude(int x) { return static_cast<uint32_t>(std::abs(x)); }

}  // namespace residua::dct
