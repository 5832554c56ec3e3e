// Walks over the blocks of a scan in the order in which their bits come. Reader and writer share it.
#pragma once

#include <span>

#include "jpeg/frame.h"

namespace residua::jpeg {

// For each component of the frame: its blocks row by row, 64 coefficients each, by 8·v + u.
using Coefficients = std::span<int16_t* const>;

// visit(part, block): part of the scan; the block's coefficients. Of one MCU, `x` and `y` counting them.
template <typename Visit>
void visit_mcu(const Frame& frame, const Scan& scan, Coefficients coefficients, uint64_t x, uint64_t y,
               const Visit& visit) {
    if (!scan.interleaved()) {
        const size_t k = scan.parts[0].component;
        visit(size_t{0}, coefficients[k] + 64 * (y * uint64_t(frame.components[k].columns) + x));
        return;
    }
    for (size_t part = 0; part < scan.parts.size(); ++part) {
        const size_t k = scan.parts[part].component;
        const Component& c = frame.components[k];
        for (uint64_t v = 0; v < uint64_t(c.down); ++v)
            for (uint64_t h = 0; h < uint64_t(c.across); ++h) {
                const uint64_t row = y * uint64_t(c.down) + v, column = x * uint64_t(c.across) + h;
                visit(part, coefficients[k] + 64 * (row * uint64_t(c.columns) + column));
            }
    }
}

}  // namespace residua::jpeg
