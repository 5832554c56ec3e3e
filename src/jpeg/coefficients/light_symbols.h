// Symbols of sixteen kinds, whose shares two slots say together: docs/format-jpeg-light.md, 3.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jpeg/coefficients/light_model.h"

namespace residua::jpeg::RESIDUA_SIMD {

// A symbol's number is at least the index from which on the sums are 2^15.
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
RESIDUA_INLINE int symbol_shift(uint32_t used) { return 4 + (used >= 8) + (used >= 40) + (used >= 200); }

// Where the interval of each symbol ends, if all of them are `range` long.
class SymbolBounds {
  public:
    RESIDUA_INLINE SymbolBounds(const SymbolSlot& a, const SymbolSlot& b, uint32_t range) {
        bound_[0] = 0;
#ifdef __AVX2__
        const __m256i sums = _mm256_add_epi16(_mm256_load_si256(reinterpret_cast<const __m256i*>(a.sums)),
                                              _mm256_load_si256(reinterpret_cast<const __m256i*>(b.sums)));
        const __m256i least = _mm256_setr_epi16(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
        ends_ = _mm256_add_epi16(
            _mm256_mulhi_epu16(sums, _mm256_set1_epi16(static_cast<int16_t>(range - kSymbols))), least);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(bound_ + 1), ends_);
#else
        for (int i = 0; i < kSymbols; ++i) {
            const auto sum = static_cast<uint32_t>(a.sums[i] + b.sums[i]);
            bound_[i + 1] =
                static_cast<uint16_t>((sum * (range - kSymbols) >> 16) + static_cast<uint32_t>(i) + 1);
        }
#endif
    }
    RESIDUA_INLINE uint32_t from(uint32_t symbol) const { return bound_[symbol]; }
    RESIDUA_INLINE uint32_t to(uint32_t symbol) const { return bound_[symbol + 1]; }
    // The symbol in whose interval the value lies; the last one where that lies beyond.
    RESIDUA_INLINE uint32_t find(uint32_t value) const {
#ifdef __AVX2__
        const __m256i v = _mm256_set1_epi16(static_cast<int16_t>(value));
        const __m256i passed = _mm256_cmpeq_epi16(_mm256_min_epu16(ends_, v), ends_);
        const auto mask = ~static_cast<uint32_t>(_mm256_movemask_epi8(passed)) | 0x80000000u;
        return static_cast<uint32_t>(__builtin_ctz(mask)) >> 1;
#else
        uint32_t symbol = 0;
        for (int i = 0; i < kSymbols - 1; ++i) symbol += bound_[i + 1] <= value;
        return symbol;
#endif
    }

  private:
    uint16_t bound_[kSymbols + 1];
#ifdef __AVX2__
    __m256i ends_;
#endif
};

template <int N>
RESIDUA_INLINE void learn_symbol(SlotBank<N>& bank, uint32_t at, uint32_t symbol) {
    int16_t* const sums = bank.slot[at].sums;
    const uint32_t used = bank.used[at];
    const int shift = symbol_shift(used);
    bank.used[at] = static_cast<uint8_t>(used + (used < 200));
#ifdef __AVX2__
    auto* const place = reinterpret_cast<__m256i*>(sums);
    const __m256i old = _mm256_load_si256(place);
    const __m256i goal = _mm256_load_si256(reinterpret_cast<const __m256i*>(kSymbolGoals.of[symbol]));
    _mm256_store_si256(place, _mm256_add_epi16(old, _mm256_sra_epi16(_mm256_sub_epi16(goal, old),
                                                                     _mm_cvtsi32_si128(shift))));
#else
    for (int i = 0; i < kSymbols; ++i)
        sums[i] = static_cast<int16_t>(sums[i] + ((kSymbolGoals.of[symbol][i] - sums[i]) >> shift));
#endif
}

}  // namespace residua::jpeg::RESIDUA_SIMD
