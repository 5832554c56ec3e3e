// Where the 8×8 blocks of a decoded JPEG lie.
#pragma once

#include <vector>

#include "base/thread_pool.h"
#include "planes/enc_plane_samples.h"

namespace residua::codec {

struct BlockGrid {
    int offset_x, offset_y;  // as DctPlane's
};

// Steps are whole numbers, so at the right grid coefficients lie near whole numbers, nearer than rounding the
// samples leaves room for by chance; and many are zero. The grids that stand out by one or the other, none in
// pictures that were no JPEG or were resized since. Looks at some hundreds of small windows.
std::vector<BlockGrid> find_block_grids(const PlaneSamples& plane, ThreadPool& threads);

}  // namespace residua::codec
