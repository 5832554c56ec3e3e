// read_scan() (enc_scan_reader.h) of arithmetic-coded frames.
#pragma once

#include "jpeg/blocks.h"
#include "jpeg/recipe.h"

namespace residua::jpeg {

// What was cut off is read as the zeros that decoders see there, up to the scan's last MCU.
ScanRecipe read_arithmetic_scan(std::span<const uint8_t> bytes, size_t start, const Frame& frame,
                                const Scan& scan, Coefficients coefficients);

}  // namespace residua::jpeg
