// Components of a picture as quantised DCT coefficients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"

namespace residua::dct {

inline constexpr int kMaxCoefficient = 2047;
inline constexpr int kMaxBlocks = 1 << 20;

// Blocks of 8×8 in rows from top to bottom: coefficient v (down), u (across) of a block is number
// 64 · (row · columns + column) + 8 · v + u, −2047 … 2047. steps: the 64 quantisation steps, by 8 · v + u.
struct Component {
    int columns;
    int rows;
    const uint16_t* steps;
    int16_t* coefficients;
};

struct ConstComponent {
    int columns;
    int rows;
    const uint16_t* steps;
    const int16_t* coefficients;
};

// Throws kInvalidArgument unless there are one (grey) or three components (Y, Cb, Cr) of at least one block
// each, at most kMaxBlocks along an axis, Cb and Cr alike, along each axis with as many blocks as Y or about
// half as many.
template <class AnyComponent>
void check_components(std::span<const AnyComponent> components) {
    const auto fits = [](int chroma, int luma) {
        return chroma == luma || (chroma >= (luma + 1) / 2 && chroma <= luma / 2 + 1);
    };
    bool good = components.size() == 1 || components.size() == 3;
    for (const AnyComponent& c : components)
        good = good && c.columns >= 1 && c.rows >= 1 && c.columns <= kMaxBlocks && c.rows <= kMaxBlocks &&
               c.steps != nullptr && c.coefficients != nullptr;
    if (good && components.size() == 3)
        good = fits(components[1].columns, components[0].columns) &&
               fits(components[1].rows, components[0].rows) &&
               components[1].columns == components[2].columns && components[1].rows == components[2].rows;
    if (!good) throw Error(ErrorCode::kInvalidArgument, "components of DCT coefficients do not fit together");
}

}  // namespace residua::dct
