// What both directions of JPEG's arithmetic coding share: ISO/IEC 10918-1, annex D.
#pragma once

#include <array>
#include <cstdint>

namespace residua::jpeg {

// What has been learned of one kind of decisions: the number of an estimate, and 128 where 1 is the more
// probable symbol. 0 at the beginning.
using Bin = uint8_t;

inline constexpr Bin kMoreProbable = 128;
// Of decisions that are not learned: a half, always.
inline constexpr Bin kFixedBin = 113;

// Table D.3, and the one of kFixedBin behind it.
struct Estimate {
    uint16_t size;       // Qe: of the less probable symbol's interval
    uint8_t after_less;  // the next number after the less probable symbol
    uint8_t after_more;  // after the more probable one
    uint8_t exchange;    // kMoreProbable: after the less probable symbol the symbols change places
};
extern const std::array<Estimate, 114> kEstimates;

// At the beginning, and always at least half of it between two decisions.
inline constexpr uint32_t kWholeInterval = 0x10000, kHalfInterval = 0x8000;

inline bool more_probable(Bin bin) { return bin >= kMoreProbable; }
inline void learn_more_probable(Bin& bin) {
    bin = static_cast<Bin>((bin & kMoreProbable) | kEstimates[bin & 127].after_more);
}
inline void learn_less_probable(Bin& bin) {
    const Estimate& estimate = kEstimates[bin & 127];
    bin = static_cast<Bin>(((bin & kMoreProbable) ^ estimate.exchange) | estimate.after_less);
}

}  // namespace residua::jpeg
