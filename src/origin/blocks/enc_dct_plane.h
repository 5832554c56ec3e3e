// Whether a plane was made by a JPEG decoder's inverse DCT, and of which coefficients.
#pragma once

#include <optional>
#include <span>

#include "base/session.h"
#include "origin/blocks/enc_block_grid.h"
#include "planes/dct_plane.h"
#include "planes/enc_plane_samples.h"

namespace residua::codec {

// Grid, table and coefficients. Nothing if there is no grid, or if more than 2.5 % of the trusted samples
// come out otherwise. `known`: where the grid lies, if that is known already (from luma), which also serves
// planes that are too flat to show it. `others`: steps that may be this plane's, those of another plane of
// the JPEG first. The result does not depend on the number of threads. Throws kMemoryLimit.
std::optional<DctPlane> find_dct_plane(const PlaneSamples& plane, Session& session,
                                       std::optional<BlockGrid> known = std::nullopt,
                                       std::span<const QuantTable> others = {});

// Of coding the coefficients, each frequency by itself, in bits. Rows: one of so many, from `first` on.
double coefficient_cost(const DctPlane& plane, int first, int step, ThreadPool& threads);

}  // namespace residua::codec
