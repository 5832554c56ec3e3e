// Samples and the symbols that stand for them: sample = base + symbol.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image/picture.h"

namespace residua::codec {

// What the symbols of a stage are counted from.
class SymbolBase {
  public:
    SymbolBase() = default;                                        // 128: centred symbols, of L3C and OLM
    explicit SymbolBase(const FineView& lossy) : lossy_(lossy) {}  // x_l: RC's residual

    // Samples first … first + count − 1 of row y, channels of a pixel together; `samples` and `out` begin
    // with the first of them.
    void to_symbols(const uint8_t* samples, int y, ptrdiff_t first, int count, int16_t* out) const;
    // The reverse; samples outside 0 … 255 are clamped. Returns whether there were none.
    bool to_samples(const int16_t* symbols, int y, ptrdiff_t first, int count, uint8_t* out) const;

  private:
    FineView lossy_ = {};  // without data: 128
};

}  // namespace residua::codec
