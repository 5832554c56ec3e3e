// Reads what enc_coefficients.h writes. Whatever the streams hold, a call ends with coefficients or with an Error
// (kCorrupt, kTruncated), after a time that the number of blocks limits.
#pragma once

#include <span>

#include "jpeg/coefficients/layout.h"

namespace residua::jpeg {

// Writes the DCs of layout.dc_rows(band, k) into dc[k], which has room for the whole component's rows · columns,
// and reads nothing of it.
void decode_dc(const Layout& layout, int band, std::span<const uint8_t> stream, std::span<int16_t* const> dc);

// dc: all DCs of the picture. Writes the blocks of layout.ac_rows(band, k) to coefficients[k], 64 coefficients
// each, the DC among them.
void decode_ac(const Layout& layout, int band, std::span<const uint8_t> stream,
               std::span<const int16_t* const> dc, std::span<int16_t* const> coefficients);

}  // namespace residua::jpeg
