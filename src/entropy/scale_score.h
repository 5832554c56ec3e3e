// How a symbol's share of a mixture changes with the mixture's scale. docs/format-adaptation.md, 4.
#pragma once

#include <algorithm>
#include <cstdint>

#include "entropy/adaptation.h"
#include "entropy/rans.h"

namespace residua::entropy {

// −u (1 − u) ln((1 − u) / u) · 2^30 for u = share / 2^20, linear between the table's entries.
inline int32_t score(uint32_t share) {
    const auto at = [](uint32_t i) { return i <= 128 ? -kScore[i] : kScore[256 - i]; };
    const uint32_t i = share >> 12;
    if (i == 256) return 0;
    const int32_t here = at(i);
    return here * 4096 + (at(i + 1) - here) * static_cast<int32_t>(share & 4095);
}

// What a symbol owns of the mixture on the whole line, not of its part in the alphabet: a symbol at the
// alphabet's end need not lie far out. At least kLeastShare wide.
struct Share {
    uint32_t begin, end;
};
inline constexpr uint32_t kLeastShare = 16;

inline Share share_of_line(Interval interval, uint32_t origin, uint32_t total) {
    const auto on_line = [&](uint64_t share) {
        return (origin >> 12) + static_cast<uint32_t>(((total >> 12) * share) >> kProbabilityBits);
    };
    Share share = {on_line(interval.start), on_line(uint64_t{interval.start} + interval.frequency)};
    share.end = std::min(std::max(share.end, share.begin + kLeastShare), kProbabilityOne);
    share.begin = std::min(share.begin, share.end - kLeastShare);
    return share;
}

}  // namespace residua::entropy
