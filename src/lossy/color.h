// Integer colour conversion between 8-bit RGB or grey and full-range BT.601 YCbCr of 8 or 10 bits, without
// chroma subsampling. The decoded pixels depend on it, so every bit is specified, here and in
// docs/format-lossy.md.
//
// With n bits per sample, M = 2^n − 1, h = 2^(n−1), all arithmetic in int32, >> rounding towards −∞, clip to
// the range of the destination (0…M or 0…255), and the coefficients of ColorMatrix:
//
//   forward   Y  = clip((y_from_r·R + y_from_g·G + y_from_b·B + 2^19) >> 20)
//             Cb = clip((cb_from_r·R + cb_from_g·G + cb_from_b·B + h·2^20 + 2^19) >> 20), Cr likewise
//   inverse   R  = clip((from_y·Y + r_from_cr·(Cr − h) + 2^19) >> 20)
//             G  = clip((from_y·Y + g_from_cb·(Cb − h) + g_from_cr·(Cr − h) + 2^19) >> 20)
//             B  = clip((from_y·Y + b_from_cb·(Cb − h) + 2^19) >> 20)
//   grey v    Y as of R = G = B = v; v = clip((from_y·Y + 2^19) >> 20)
//
// The fine inverse keeps six more bits: F = clip(sum >> 14, 0 … 16320), where `sum` is the same without 2^19;
// the 8-bit value is (F + 32) >> 6, exactly the one above.
//
// Samples above M, which no correct HEVC decoder gives, count as M. Grey comes back exactly at either depth.
#pragma once

#include <cstdint>

#include "image/picture.h"

namespace residua::lossy {

// 2^20 times the real matrix, the scale between 255 and M included, rounded to the nearest integer; the
// coefficient of G is what makes the sums right.
struct ColorMatrix {
    int32_t maximum, half;                    // M, h
    int32_t y_from_r, y_from_g, y_from_b;     // their sum is round(2^20 · M / 255), so that grey is exact
    int32_t cb_from_r, cb_from_g, cb_from_b;  // their sum is 0
    int32_t cr_from_r, cr_from_g, cr_from_b;  // their sum is 0
    int32_t from_y, r_from_cr, g_from_cb, g_from_cr, b_from_cb;
};

const ColorMatrix& color_matrix(int bit_depth);  // 8 or 10; anything else throws kInternal

// One row of `width` pixels each. Sample is uint8_t (only for 8 bits) or uint16_t.
template <typename Sample>
void rgb_to_ycbcr(const ColorMatrix& matrix, const uint8_t* rgb, int width, Sample* y, Sample* cb,
                  Sample* cr);
template <typename Sample>
void grey_to_y(const ColorMatrix& matrix, const uint8_t* grey, int width, Sample* y);
// Fine values, 64 per level of the 8-bit picture.
template <typename Sample>
void ycbcr_to_fine_rgb(const ColorMatrix& matrix, const Sample* y, const Sample* cb, const Sample* cr,
                       int width, uint16_t* rgb);
template <typename Sample>
void y_to_fine_grey(const ColorMatrix& matrix, const Sample* y, int width, uint16_t* grey);

}  // namespace residua::lossy
