// From what the components of a JPEG hold to grey, RGB or CMYK, as libjpeg's default decoder does it (jdapimin.c,
// jdcolor.c).
#pragma once

#include <array>
#include <cstdint>

#include "jpeg/frame.h"

namespace residua::codec {

enum class JpegColour : uint8_t {
    kAsStored,  // grey, RGB or CMYK
    kYcc,       // RGB as luma and chroma
    kYcck,      // the same of 255 − CMY, and K
};
JpegColour jpeg_colour(const jpeg::Frame& frame);

using JpegRow = std::array<const uint8_t*, jpeg::kMostComponents>;  // of each component
// Interleaves the `components` values of `width` pixels.
void jpeg_pixels(JpegColour colour, int components, const JpegRow& from, int width, uint8_t* to);

}  // namespace residua::codec
