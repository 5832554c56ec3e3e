// The logistic function and its inverse as integer tables, the same on every machine. docs/format-dct.md, 2.
#pragma once

#include <array>
#include <cstdint>

namespace residua::dct {

// Log odds have 8 fractional bits: 256 is one nat. They stay within ±kMaxLogit.
inline constexpr int kMaxLogit = 2047;

namespace internal {

struct LogisticTables {
    std::array<uint16_t, 2 * kMaxLogit + 1> squash{};  // [logit + kMaxLogit]: probability of a one, 2^-16
    std::array<int16_t, 4096> stretch{};               // [probability, 2^-12]: logit
};

constexpr LogisticTables make_logistic_tables() {
    LogisticTables tables;
    // e = 2^32 · exp(−i / 256), rounded down in every step.
    uint64_t e = uint64_t{1} << 32;
    for (int i = 0; i <= kMaxLogit; ++i) {
        const uint64_t p = (uint64_t{1} << 48) / ((uint64_t{1} << 32) + e);
        tables.squash[static_cast<size_t>(kMaxLogit + i)] = static_cast<uint16_t>(p);
        tables.squash[static_cast<size_t>(kMaxLogit - i)] = static_cast<uint16_t>(65536 - p);
        e = (e * 4278222805u) >> 32;  // 2^32 · exp(−1 / 256)
    }
    // The largest logit whose probability is at most the middle of the cell.
    size_t logit = 0;
    for (size_t cell = 0; cell < 4096; ++cell) {
        while (logit + 1 < tables.squash.size() && tables.squash[logit + 1] <= 16 * cell + 8) ++logit;
        tables.stretch[cell] = static_cast<int16_t>(static_cast<int>(logit) - kMaxLogit);
    }
    return tables;
}

inline constexpr LogisticTables kLogistic = make_logistic_tables();

}  // namespace internal

// logit: −kMaxLogit … kMaxLogit. Returns 1 … 65535 of 2^16.
inline uint32_t squash(int logit) {
    return internal::kLogistic.squash[static_cast<size_t>(logit + kMaxLogit)];
}

// probability: 0 … 4095 of 2^12.
inline int stretch(uint32_t probability) { return internal::kLogistic.stretch[probability]; }

}  // namespace residua::dct
