// libjpeg-turbo's "islow" inverse DCT (dct_plane.h), as its code for x86-64 does it in lanes of 16 bits. What
// exceeds them, in files that no encoder makes of a picture, wraps around where inverse_dct() there limits it;
// libjpeg-turbo's plain code differs from its vector code then.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jpeg/frame.h"

namespace residua::codec {

// The samples of a block, 8 rows of `stride` bytes. Any coefficients and steps.
void jpeg_block_samples(const int16_t* coefficients, const jpeg::Steps& steps, uint8_t* to, ptrdiff_t stride);

}  // namespace residua::codec
