// Reads the entropy-coded bytes of a scan, and what it takes to write the same again.
#pragma once

#include "jpeg/blocks.h"
#include "jpeg/recipe.h"

namespace residua::jpeg {

// Adds the scan's bits to the coefficients, which are those of the scans before. Reading ends at the last MCU
// that is whole and leads to no number that the coefficients cannot hold; recipe.size counts the bytes up to
// there, from `start` on. What lies behind, it is not read.
ScanRecipe read_scan(std::span<const uint8_t> bytes, size_t start, const Frame& frame, const Scan& scan,
                     Coefficients coefficients);

}  // namespace residua::jpeg
