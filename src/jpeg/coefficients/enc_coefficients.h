// Writes the streams of DC and AC coefficients. docs/format-jpeg-coefficients.md.
//
// Bands depend on nothing but the layout and, for the AC, all DCs: they may be coded in any order, at the same
// time, and one at a time where memory is short. Each call has a state of its own: 3 to 16 MB, by effort and
// contents, and zeroed pages that are never touched beside it.
#pragma once

#include <span>
#include <vector>

#include "jpeg/coefficients/layout.h"

namespace residua::jpeg {

// dc[k]: all DCs of component k, rows · columns of them; null where there is none.
std::vector<uint8_t> encode_dc(const Layout& layout, int band, std::span<const int16_t* const> dc);

// dc: as above, of the whole picture. coefficients[k]: the blocks of layout.ac_rows(band, k), 64 coefficients
// each, whose first one is not looked at.
std::vector<uint8_t> encode_ac(const Layout& layout, int band, std::span<const int16_t* const> dc,
                               std::span<const int16_t* const> coefficients);

}  // namespace residua::jpeg
