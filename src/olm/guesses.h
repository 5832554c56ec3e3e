// What a sample of a wide plane may be, to the last bit, and what speaks for it: docs/format-deep.md, 4.
#pragma once

#include "entropy/wide_coder.h"
#include "olm/tile_state.h"

namespace residua::olm {

// Of a step's active lanes, in their order. samples: theirs.
void guess(const TileState& tile, const PlaneShape& shape, const entropy::WideSamples& samples,
           entropy::Guesses& guesses);

}  // namespace residua::olm
