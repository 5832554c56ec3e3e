// Where the 8×8 blocks of a decoded JPEG lie.
#pragma once

#include <optional>

#include "planes/enc_plane_samples.h"

namespace residua::codec {

struct BlockGrid {
    int offset_x, offset_y;  // as DctPlane's
};

// Steps are whole numbers, so at the right grid coefficients lie near whole numbers, nearer than rounding the
// samples leaves room for by chance. Nothing: no grid stands out, as in pictures that were no JPEG or were
// resized since. Looks at some hundreds of small windows.
std::optional<BlockGrid> find_block_grid(const PlaneSamples& plane);

}  // namespace residua::codec
