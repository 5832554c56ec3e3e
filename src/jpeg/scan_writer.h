// Writes the entropy-coded bytes of a scan again. docs/format-jpeg.md, 3.
#pragma once

#include "jpeg/blocks.h"
#include "jpeg/recipe.h"

namespace residua::jpeg {

// Fills `to`, recipe.size bytes. Throws kCorrupt where that cannot be: a table that lacks a symbol, another
// size. Any coefficients.
void write_scan(const Frame& frame, const Scan& scan, const ScanRecipe& recipe, Coefficients coefficients,
                std::span<uint8_t> to);

}  // namespace residua::jpeg
