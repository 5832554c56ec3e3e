#include "display/turn.h"

#include <algorithm>

namespace display {

std::vector<uint8_t> turned(const std::vector<uint8_t>& pixels, Size& size, size_t pixel_bytes,
                            uint32_t orientation) {
    if (orientation < 2 || orientation > 8) return pixels;
    // As Exif 2.3 has it, tag 274: where the file's first row and first column are seen.
    const bool sides_change = orientation >= 5;
    const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    const Size file = size;
    if (sides_change) size = {file.height, file.width};
    std::vector<uint8_t> seen(pixels.size());
    for (uint32_t y = 0; y < size.height; ++y) {
        for (uint32_t x = 0; x < size.width; ++x) {
            uint32_t from_x = sides_change ? y : x, from_y = sides_change ? x : y;
            if (from_right) from_x = file.width - 1 - from_x;
            if (from_bottom) from_y = file.height - 1 - from_y;
            std::copy_n(pixels.data() + (size_t{from_y} * file.width + from_x) * pixel_bytes, pixel_bytes,
                        seen.data() + (size_t{y} * size.width + x) * pixel_bytes);
        }
    }
    return seen;
}

}  // namespace display
