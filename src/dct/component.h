// Components of a picture as quantised DCT coefficients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace residua::dct {

inline constexpr int kMaxCoefficient = 2047;

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

}  // namespace residua::dct
