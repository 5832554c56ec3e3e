// Pictures whose sides must be multiples of something: docs/format-rc.md, 1, says what stands in the rows
// and columns that are missing.
#pragma once

#include <cstdint>

#include "image/picture.h"

namespace residua {

constexpr int padded(int side, int multiple) { return (side + multiple - 1) / multiple * multiple; }

// Reflection at the last sample without repeating it, as often as needed: … n−3, n−2, n−1, n−2, n−3 …
constexpr int reflected(int i, int n) {
    if (n == 1) return 0;
    const int period = 2 * (n - 1);
    const int phase = i % period;
    return phase < n ? phase : period - phase;
}

// Pixels `width` … padded_width − 1 of a row whose first `width` are there, `channels` bytes each.
void reflect_columns(uint8_t* row, int width, int padded_width, int channels);

// Row y of the padded picture, 0 ≤ y, in three channels: grey is repeated in all of them.
void fill_padded_rgb_row(const PictureView& picture, int padded_width, int y, uint8_t* row);

}  // namespace residua
