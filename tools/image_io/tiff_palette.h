// A TIFF picture of numbers of colours, with or without alpha beside each.
#pragma once

#include <optional>

#include "image_io/palette.h"
#include "image_io/tiff_kind.h"

namespace image_io {

class TiffPalette {
  public:
    // Throws ImageError where the file has none.
    TiffPalette(TIFF* tiff, const TiffKind& kind);

    uint32_t bits() const { return bits_; }  // of the colours: 8 or 16
    // Stored samples, a byte each or two in the machine's order, to pixels.
    void expand(const uint8_t* stored, size_t count, uint8_t* pixels) const;

  private:
    void expand_with_alpha(const uint8_t* stored, size_t count, uint8_t* pixels) const;

    const TiffKind kind_;
    uint32_t bits_ = 8;
    std::optional<Palette> palette_;
};

}  // namespace image_io
