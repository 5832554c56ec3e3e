// ICC profiles for formats that have no other words for a colour space.
#pragma once

#include <cstdint>
#include <vector>

#include "image_io/image.h"

namespace image_io {

// Of the colours that a PNG's chunks cICP, sRGB, or gAMA and cHRM describe, in this order; empty where there are
// none of them, and for what a profile cannot say.
std::vector<uint8_t> profile_of_chunks(const Description& image);

}  // namespace image_io
