// Components of a picture as quantised DCT coefficients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"

namespace residua::dct {

inline constexpr int kMaxCoefficient = 2047;
inline constexpr int kMaxBlocks = 1 << 20;

// Blocks of 8×8 in rows from top to bottom, perhaps none: coefficient v (down), u (across)
// of a block is number 64 · (row · columns + column) + 8 · v + u, −2047 … 2047. steps:
// the 64 quantisation steps, by 8 · v + u. across, down: of Cb and Cr, how many blocks
// of Y lie beside each other where they have one, 1 or 2: that of row r and column c
// belongs with those from row down · r and column across · c on, as far as there are any.
struct Component {
    int columns;
    int rows;
    const uint16_t* steps;
    int16_t* coefficients;
    int across = 1;
    int down = 1;
};

struct ConstComponent {
    int columns;
    int rows;
    const uint16_t* steps;
    const int16_t* coefficients;
    int across = 1;
    int down = 1;
};

// Throws kInvalidArgument unless there are one (grey) or three components (Y, Cb, Cr), of at most kMaxBlocks
// along an axis, Cb and Cr alike.
template <class AnyComponent>
void check_components(std::span<const AnyComponent> components) {
    bool good = components.size() == 1 || components.size() == 3;
    for (const AnyComponent& c : components)
        good = good && c.columns >= 0 && c.rows >= 0 && c.columns <= kMaxBlocks && c.rows <= kMaxBlocks &&
               c.steps != nullptr && (c.across == 1 || c.across == 2) && (c.down == 1 || c.down == 2);
    if (good && components.size() == 3) {
        const AnyComponent &cb = components[1], &cr = components[2];
        good = cb.columns == cr.columns && cb.rows == cr.rows && cb.across == cr.across && cb.down == cr.down;
    }
    if (!good) throw Error(ErrorCode::kInvalidArgument, "components of DCT coefficients do not fit together");
}

}  // namespace residua::dct
