#include "lossy/color.h"

#include <algorithm>

#include "base/error.h"

namespace residua::lossy {
namespace {

constexpr int kShift = 20;
constexpr int kFineShift = kShift - kFineBits;
constexpr int32_t kRound = 1 << (kShift - 1);

constexpr ColorMatrix kMatrix8 = {255,     128,              //
                                  313524,  615514,  119538,  //
                                  -176932, -347356, 524288,  //
                                  524288,  -439026, -85262,  //
                                  1048576, 1470104, -360853, -748826, 1858077};

constexpr ColorMatrix kMatrix10 = {1023,    512,                //
                                   1257785, 2469298,  479557,   //
                                   -709811, -1393509, 2103320,  //
                                   2103320, -1761268, -342052,  //
                                   261375,  366448,   -89949,  -186658, 463157};

inline int32_t clip(int32_t value, int32_t maximum) { return std::min(std::max(value, 0), maximum); }

}  // namespace

const ColorMatrix& color_matrix(int bit_depth) {
    if (bit_depth == 8) return kMatrix8;
    if (bit_depth == 10) return kMatrix10;
    throw Error(ErrorCode::kInternal, "no colour matrix for a bit depth of " + std::to_string(bit_depth));
}

template <typename Sample>
void rgb_to_ycbcr(const ColorMatrix& matrix, const uint8_t* rgb, int width, Sample* __restrict y,
                  Sample* __restrict cb, Sample* __restrict cr) {
    const ColorMatrix m = matrix;
    const int32_t center = (m.half << kShift) + kRound;
    for (int x = 0; x < width; ++x) {
        const int32_t r = rgb[3 * x], g = rgb[3 * x + 1], b = rgb[3 * x + 2];
        const int32_t luma = m.y_from_r * r + m.y_from_g * g + m.y_from_b * b + kRound;
        const int32_t blue = m.cb_from_r * r + m.cb_from_g * g + m.cb_from_b * b + center;
        const int32_t red = m.cr_from_r * r + m.cr_from_g * g + m.cr_from_b * b + center;
        y[x] = static_cast<Sample>(clip(luma >> kShift, m.maximum));
        cb[x] = static_cast<Sample>(clip(blue >> kShift, m.maximum));
        cr[x] = static_cast<Sample>(clip(red >> kShift, m.maximum));
    }
}

template <typename Sample>
void grey_to_y(const ColorMatrix& matrix, const uint8_t* grey, int width, Sample* __restrict y) {
    const int32_t scale = matrix.y_from_r + matrix.y_from_g + matrix.y_from_b;
    const int32_t maximum = matrix.maximum;
    for (int x = 0; x < width; ++x)
        y[x] = static_cast<Sample>(clip((scale * grey[x] + kRound) >> kShift, maximum));
}

template <typename Sample>
void ycbcr_to_fine_rgb(const ColorMatrix& matrix, const Sample* y, const Sample* cb, const Sample* cr,
                       int width, uint16_t* __restrict rgb) {
    const ColorMatrix m = matrix;
    for (int x = 0; x < width; ++x) {
        const int32_t luma = m.from_y * std::min<int32_t>(y[x], m.maximum);
        const int32_t blue = std::min<int32_t>(cb[x], m.maximum) - m.half;
        const int32_t red = std::min<int32_t>(cr[x], m.maximum) - m.half;
        rgb[3 * x] = static_cast<uint16_t>(clip((luma + m.r_from_cr * red) >> kFineShift, kFineMaximum));
        rgb[3 * x + 1] = static_cast<uint16_t>(
            clip((luma + m.g_from_cb * blue + m.g_from_cr * red) >> kFineShift, kFineMaximum));
        rgb[3 * x + 2] = static_cast<uint16_t>(clip((luma + m.b_from_cb * blue) >> kFineShift, kFineMaximum));
    }
}

template <typename Sample>
void y_to_fine_grey(const ColorMatrix& matrix, const Sample* y, int width, uint16_t* __restrict grey) {
    const int32_t scale = matrix.from_y, maximum = matrix.maximum;
    for (int x = 0; x < width; ++x)
        grey[x] = static_cast<uint16_t>(
            clip((scale * std::min<int32_t>(y[x], maximum)) >> kFineShift, kFineMaximum));
}

#define RESIDUA_INSTANTIATE(Sample)                                                                       \
    template void rgb_to_ycbcr(const ColorMatrix&, const uint8_t*, int, Sample*, Sample*, Sample*);       \
    template void grey_to_y(const ColorMatrix&, const uint8_t*, int, Sample*);                            \
    template void ycbcr_to_fine_rgb(const ColorMatrix&, const Sample*, const Sample*, const Sample*, int, \
                                    uint16_t*);                                                           \
    template void y_to_fine_grey(const ColorMatrix&, const Sample*, int, uint16_t*);
RESIDUA_INSTANTIATE(uint8_t)
RESIDUA_INSTANTIATE(uint16_t)
#undef RESIDUA_INSTANTIATE

}  // namespace residua::lossy
