// Symbols of sixteen kinds, whose shares two slots say together: docs/format-jpeg-light.md, 3.
#pragma once

#include "jpeg/coefficients/light_model.h"
#include "jpeg/coefficients/light_words.h"

namespace residua::jpeg::RESIDUA_SIMD {

// What a slot's sums move to with each symbol: from its own on, the whole.
struct SymbolGoals {
    alignas(32) int16_t of[kSymbols][kSymbols];
};
inline constexpr SymbolGoals kSymbolGoals = [] {
    SymbolGoals made{};
    for (int s = 0; s < kSymbols; ++s)
        for (int i = s; i < kSymbols; ++i) made.of[s][i] = 32767;
    return made;
}();

// How far a slot that was used n times moves: 2^-4 … 2^-7.
inline constexpr uint32_t kMostUsed = 200;
struct SymbolShifts {
    uint8_t of[kMostUsed + 1];
};
inline constexpr SymbolShifts kSymbolShift = [] {
    SymbolShifts made{};
    for (uint32_t n = 0; n <= kMostUsed; ++n)
        made.of[n] = static_cast<uint8_t>(4 + (n >= 8) + (n >= 40) + (n >= kMostUsed));
    return made;
}();

// Where a symbol's interval begins, and that of the next one, if all of them are `range` long.
struct SymbolInterval {
    uint32_t from, to;
};
RESIDUA_INLINE SymbolInterval interval_of(const SymbolSlot& a, const SymbolSlot& b, uint32_t range,
                                          uint32_t symbol) {
    const auto end = [&](uint32_t i) {
        return (static_cast<uint32_t>(a.sums[i] + b.sums[i]) * (range - kSymbols) >> 16) + i + 1;
    };
    return {symbol == 0 ? 0 : end(symbol - 1), end(symbol)};
}
// The symbol in whose interval the value lies, the last one where that lies beyond.
RESIDUA_INLINE SymbolInterval find_interval(const SymbolSlot& a, const SymbolSlot& b, uint32_t range,
                                            uint32_t value, uint32_t& symbol) {
    const Words sums = Words::load(a.sums) + Words::load(b.sums);
    const Words ends = high_product(sums, Words::all(static_cast<int>(range) - kSymbols)) + Words::places();
    uint16_t bound[kSymbols + 1];
    bound[0] = 0;
    ends.store(bound + 1);
    symbol = not_above(ends, value);
    return {bound[symbol], bound[symbol + 1]};
}

template <int N>
RESIDUA_INLINE void learn_symbol(SlotBank<N>& bank, uint32_t at, uint32_t symbol) {
    int16_t* const sums = bank.slot[at].sums;
    const uint32_t used = bank.used[at];
    bank.used[at] = static_cast<uint8_t>(used + (used < kMostUsed));
    const Words old = Words::load(sums);
    (old + shifted_right(Words::load(kSymbolGoals.of[symbol]) - old, kSymbolShift.of[used])).store(sums);
}

}  // namespace residua::jpeg::RESIDUA_SIMD
