// write_scan() (scan_writer.h) of arithmetic-coded frames.
#pragma once

#include "jpeg/blocks.h"
#include "jpeg/recipe.h"

namespace residua::jpeg {

void write_arithmetic_scan(const Frame& frame, const Scan& scan, const ScanRecipe& recipe,
                           Coefficients coefficients, std::span<uint8_t> to);

}  // namespace residua::jpeg
