// Palettes: the colours of a picture in the order in which its file had them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "image_io/image.h"

namespace image_io {

struct IndexedColours {
    // R, G, B and alpha, in the picture's bits. Alpha is 0 in a picture without.
    std::vector<std::array<uint16_t, 4>> colours;
    uint32_t bits = 0;  // of an index, 1, 2, 4 or 8, in a TIFF up to 16; 0: there is no palette
    std::string name;   // of the entry of metadata that has them

    explicit operator bool() const { return bits > 0; }
};

// The palette that a PNG, TIFF, GIF or BMP file had, as its metadata say; none where they do not fit the picture.
IndexedColours palette_of(const Description& image);

// The chunks PLTE and tRNS (empty where all is opaque), of 8 bits, and the values of TIFF's ColorMap.
std::vector<uint8_t> png_colours(const IndexedColours& palette);
std::vector<uint8_t> png_opacity(const IndexedColours& palette);
std::vector<uint16_t> tiff_colours(const IndexedColours& palette, uint32_t bits);

// Pixels to numbers of colours: of equal ones the first. Black where the palette has none is what readers make of
// a number that is beyond it, and becomes one.
class IndexMap {
  public:
    IndexMap(const Description& image, const IndexedColours& palette);
    // The indices of a row; valid until the next call. Throws ImageError for a colour that is not there.
    std::span<const uint16_t> row(const uint8_t* pixels);

  private:
    std::string name_;
    uint32_t width_, channels_;
    bool wide_;
    std::unordered_map<uint64_t, uint16_t> indices_;
    std::vector<uint16_t> row_;
};

}  // namespace image_io
