// Pictures that a camera took on its side.
#pragma once

#include <cstdint>
#include <vector>

#include "display/reduction.h"

namespace display {

// The picture as it is to be seen, from rows without gaps; `size` becomes that of what comes back. `orientation` is as
// Exif numbers it, 1 ... 8.
std::vector<uint8_t> turned(const std::vector<uint8_t>& pixels, Size& size, size_t pixel_bytes,
                            uint32_t orientation);

}  // namespace display
