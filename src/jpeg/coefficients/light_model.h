// What the light coder learns, and what it knows beforehand. Plain data only. docs/format-jpeg-light.md.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jpeg/coefficients/model.h"

namespace residua::jpeg {

inline constexpr int kSymbols = 16;
inline constexpr int kExpectedLevels = 40, kFills = 8, kRemainingLevels = 16;
inline constexpr int kCountContexts = 64;
inline constexpr int kGuessLevels = 32;
inline constexpr int kDcContexts = 32;

// How often a symbol up to each one comes, of 2^15.
struct alignas(32) SymbolSlot {
    int16_t sums[kSymbols];
};

// Slots, and how often each was used.
template <int N>
struct SlotBank {
    SymbolSlot slot[N];
    uint8_t used[N];
};

// The share of ones, of 2^16, and how often it was met.
struct BitSlot {
    uint16_t share = 1 << 15;
    uint16_t used = 0;
};

struct LightAcModel {
    SlotBank<kExpectedLevels * kFills> expected;
    SlotBank<64 * kRemainingLevels> place;
    SlotBank<kCountContexts> count_around, count_expected;
    SlotBank<1> escape;
    BitSlot sign[64 * kGuessLevels];
    BitSlot digit[kSymbols];
    BitSlot count_digit[kSymbols * 4];
};

struct LightDcModel {
    SlotBank<kDcContexts> busy, missed;
    SlotBank<1> escape;
    BitSlot sign[kDcContexts];
    BitSlot digit[kSymbols];
};

inline constexpr int kGuessed = 32;  // places whose signs are guessed

// Weights of the sums around a coefficient in quantised coefficients, [input][place]. Places, and inputs of the same
// component, are in zigzag order, those of others by 8·v + u.
struct alignas(32) LightPlan {
    int16_t left[64][kGuessed], above[64][kGuessed], own[64][kGuessed], dc[8][kGuessed];
    int16_t around_size[64][64], own_size[64][64], luma_size[64][64], previous_size[64][64];
    int32_t luma_factor;  // floor(1024 / blocks of luma that belong to one)
};

// A component's blocks in a row, in zigzag order: coefficients within ±255, which of them are not 0.
struct alignas(32) LightBlock {
    int16_t value[64];
    uint64_t mask;
    uint32_t count;
};

template <class Coefficient>
struct LightComponent {
    int columns, rows, first_row, all_rows, across, down;
    const int16_t* dc;          // of the band's first row; those above and below lie around it
    Coefficient* coefficients;  // of the band's first row
    const LightPlan* plan;
    LightAcModel* model;
    LightBlock* blocks;  // 2 · (columns + 2)
};

template <class Coefficient>
struct LightWork {
    int components;
    LightComponent<Coefficient> component[4];
};

}  // namespace residua::jpeg
