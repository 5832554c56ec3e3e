#include "stages/symbols.h"

#include <algorithm>

namespace residua::codec {

namespace {

constexpr int kCentre = 128;

template <typename Base>
void subtract(const uint8_t* samples, int count, int16_t* out, const Base& base) {
    for (int i = 0; i < count; ++i) out[i] = static_cast<int16_t>(samples[i] - base(i));
}

template <typename Base>
bool add(const int16_t* symbols, int count, uint8_t* out, const Base& base) {
    int outside = 0;
    for (int i = 0; i < count; ++i) {
        const int sample = base(i) + symbols[i];
        outside |= sample & ~255;
        out[i] = static_cast<uint8_t>(std::clamp(sample, 0, 255));
    }
    return outside == 0;
}

int centre(int) { return kCentre; }

}  // namespace

void SymbolBase::to_symbols(const uint8_t* samples, int y, ptrdiff_t first, int count, int16_t* out) const {
    if (!lossy_.data) return subtract(samples, count, out, centre);
    const uint16_t* fine = lossy_.row(y) + first;
    subtract(samples, count, out, [fine](int i) { return round_fine(fine[i]); });
}

bool SymbolBase::to_samples(const int16_t* symbols, int y, ptrdiff_t first, int count, uint8_t* out) const {
    if (!lossy_.data) return add(symbols, count, out, centre);
    const uint16_t* fine = lossy_.row(y) + first;
    return add(symbols, count, out, [fine](int i) { return round_fine(fine[i]); });
}

}  // namespace residua::codec
