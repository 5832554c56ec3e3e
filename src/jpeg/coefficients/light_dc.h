// Codes the errors of guessed DCs, light: docs/format-jpeg-light.md, 8.
#pragma once

#include "jpeg/coefficients/dc_lanes.h"
#include "jpeg/coefficients/light_band.h"

namespace residua::jpeg::RESIDUA_SIMD {

template <class Coder>
class LightDcCoder {
  public:
    RESIDUA_INLINE LightDcCoder(Coder& coder, LightDcModel& model) : coder_(coder), model_(model) {}

    RESIDUA_INLINE int32_t code(const uint32_t (&)[8], uint32_t busy, uint32_t missed, int32_t error) {
        uint32_t size = size_of(error), symbol = 0;
        if (Coder::kWrites) symbol = level(size, kSymbols - 1);
        symbol = coder_.symbol(model_.busy, busy, model_.missed, missed, symbol);
        if (symbol == 0) return 0;
        const bool negative = coder_.bit(model_.sign[busy], error < 0) != 0;
        if (symbol == kSymbols - 1) {
            size = kFirstEscaped - 1 + code_escape(coder_, model_.escape, size - (kFirstEscaped - 1));
        } else if (symbol > 3) {
            const int digits = static_cast<int>(symbol / 2) - 1;
            size = (2 + symbol % 2) << digits | code_digits(coder_, model_.digit[symbol], size, digits);
        } else {
            size = symbol;
        }
        return negative ? -static_cast<int32_t>(size) : static_cast<int32_t>(size);
    }

  private:
    static constexpr uint32_t kFirstEscaped = 192;

    Coder& coder_;
    LightDcModel& model_;
};

}  // namespace residua::jpeg::RESIDUA_SIMD
