// Whether a plane was made by a JPEG decoder's inverse DCT, and of which coefficients.
#pragma once

#include <optional>
#include <span>

#include "base/session.h"
#include "origin/blocks/enc_block_grid.h"
#include "planes/dct_plane.h"
#include "planes/enc_plane_samples.h"

namespace residua::codec {

// Grid, table and coefficients. Nothing if there is no grid, or if too many of the trusted samples come out
// otherwise: 2.5 %, or more where most blocks come out whole. `grids`: where the grid may lie, if that is
// known (from luma), which also serves planes that are too flat to show it; none: it is looked for. `others`:
// steps that may be this plane's, those of another plane of the JPEG first. The result does not depend on the
// number of threads. Throws kMemoryLimit.
std::optional<DctPlane> find_dct_plane(const PlaneSamples& plane, Session& session,
                                       std::span<const BlockGrid> grids = {},
                                       std::span<const QuantTable> others = {});

// Of coding the coefficients, each frequency by itself beside the block to the left, in bits. Rows: one of so many, from `first` on.
double coefficient_cost(const DctPlane& plane, int first, int step, ThreadPool& threads);

}  // namespace residua::codec
