// A plane whose DCT is searched for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image/picture.h"

namespace residua::codec {

// One channel of a picture, and what is known of it: `trusted`, of one channel and the same size, has 1 for a
// sample that surely is what the decoder of the JPEG made (a few may be wrong still), else 0.
struct PlaneSamples {
    PictureView picture;
    int channel = 0;
    PictureView trusted;
    // Of rows and columns around the picture, in the same memory: what they hold is known nearly.
    int before_x = 0, before_y = 0, behind_x = 0, behind_y = 0;

    int width() const { return picture.width; }
    int height() const { return picture.height; }
    uint8_t sample(int x, int y) const {
        return picture.row(y)[static_cast<ptrdiff_t>(x) * picture.channels + channel];
    }
    bool is_trusted(int x, int y) const { return trusted.row(y)[x] != 0; }
    // What the inverse DCT made is known, not only on which side of 0 or 255.
    bool is_exact(int x, int y) const {
        const uint8_t value = sample(x, y);
        return value != 0 && value != 255 && is_trusted(x, y);
    }
};

}  // namespace residua::codec
