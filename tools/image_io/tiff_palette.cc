#include "image_io/tiff_palette.h"

#include <cstring>

namespace image_io {

// A colour map of 16 bits. What are only 8 is told from it.
TiffPalette::TiffPalette(TIFF* tiff, const TiffKind& kind) : kind_(kind) {
    uint16_t* colours[3];
    if (!TIFFGetField(tiff, TIFFTAG_COLORMAP, &colours[0], &colours[1], &colours[2]))
        damaged("the TIFF file is damaged: its palette lacks");
    const size_t size = size_t{1} << kind_.bits;
    bool small = true, high = true, doubled = true;
    for (const uint16_t* column : colours)
        for (size_t i = 0; i < size; ++i) {
            small &= column[i] < 256;
            high &= (column[i] & 0xff) == 0;
            doubled &= column[i] % 257 == 0;
        }
    const bool wide = !small && !high && !doubled;
    const bool wide_alpha = kind_.alpha && kind_.bits > 8;
    const int shift = wide || small ? 0 : 8;
    // Beside an alpha channel of more bits, colours of 8 are spread over the whole range.
    const int factor = !wide && wide_alpha ? 257 : 1;
    palette_.emplace(false, wide || wide_alpha);
    for (size_t i = 0; i < size; ++i)
        palette_->add(static_cast<uint16_t>((colours[0][i] >> shift) * factor),
                      static_cast<uint16_t>((colours[1][i] >> shift) * factor),
                      static_cast<uint16_t>((colours[2][i] >> shift) * factor));
    bits_ = wide || wide_alpha ? 16 : 8;
}

void TiffPalette::expand(const uint8_t* stored, size_t count, uint8_t* pixels) const {
    if (kind_.alpha)
        expand_with_alpha(stored, count, pixels);
    else if (kind_.bits <= 8)
        palette_->expand(stored, count, pixels);
    else
        palette_->expand(reinterpret_cast<const uint16_t*>(stored), count, pixels);
}

// Numbers of colours and alpha, by turns. Alpha of fewer bits than the
// colours is spread over their range: each of its values has one of its own.
void TiffPalette::expand_with_alpha(const uint8_t* stored, size_t count, uint8_t* pixels) const {
    const uint32_t most = (1U << kind_.bits) - 1, white = (1U << bits_) - 1;
    const size_t size = size_t{bits_ > 8 ? 2U : 1U};
    for (size_t x = 0; x < count; ++x, pixels += 4 * size) {
        uint16_t number[2] = {stored[2 * x], stored[2 * x + 1]};
        if (kind_.bits > 8) std::memcpy(number, stored + 4 * x, sizeof number);
        palette_->expand(&number[0], 1, pixels);
        const auto alpha = static_cast<uint16_t>((uint64_t{number[1]} * white + most / 2) / most);
        if (size == 2)
            std::memcpy(pixels + 3 * size, &alpha, size);
        else
            pixels[3] = static_cast<uint8_t>(alpha);
    }
}

}  // namespace image_io
