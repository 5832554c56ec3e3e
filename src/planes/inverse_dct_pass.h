// One pass of the inverse DCT that dct_plane.h describes.
#pragma once

#include <cstdint>

namespace residua::codec::dct_pass {

constexpr int kConstantBits = 13;
constexpr int kPassBits = 2;  // more bits between the passes

// kWraps: sums of two values are taken modulo 2^16, as registers of 16-bit lanes give them.
template <bool kWraps>
inline int32_t sum_of(int32_t a, int32_t b) {
    return kWraps ? static_cast<int16_t>(a + b) : a + b;
}

// Eight transforms of eight values side by side: in[8·frequency + lane] to out[8·position + lane], shifted
// down by kShift and rounded. For |in| ≤ 2^15 nothing exceeds 32 bits: the largest sum is that of the whole
// row of weights, 7.48 · 2^13 · 2^15 < 2^31 − 2^17; where sums wrap, it is less than 7.87 · 2^13 · 2^15.
template <int kShift, bool kWraps>
inline void inverse(const int32_t* in, int32_t* out) {
    constexpr int32_t kRounding = kShift > 0 ? 1 << (kShift - 1) : 0;
    for (int i = 0; i < 8; ++i) {
        const int32_t c0 = in[i], c1 = in[8 + i], c2 = in[16 + i], c3 = in[24 + i], c4 = in[32 + i],
                      c5 = in[40 + i], c6 = in[48 + i], c7 = in[56 + i];
        // Even frequencies: a rotation by 6π/16.
        const int32_t both = (c2 + c6) * 4433;
        const int32_t low = both - c6 * 15137, high = both + c2 * 6270;
        const int32_t sum = sum_of<kWraps>(c0, c4) * (1 << kConstantBits),
                      difference = sum_of<kWraps>(c0, -c4) * (1 << kConstantBits);
        const int32_t e0 = sum + high + kRounding, e3 = sum - high + kRounding;
        const int32_t e1 = difference + low + kRounding, e2 = difference - low + kRounding;
        // Odd frequencies, figure 8 of the paper.
        const int32_t c73 = sum_of<kWraps>(c7, c3), c51 = sum_of<kWraps>(c5, c1);
        const int32_t common = (c73 + c51) * 9633;
        const int32_t s71 = (c7 + c1) * -7373, s53 = (c5 + c3) * -20995;
        const int32_t s73 = c73 * -16069 + common;
        const int32_t s51 = c51 * -3196 + common;
        const int32_t o3 = c7 * 2446 + (s71 + s73);
        const int32_t o2 = c5 * 16819 + (s53 + s51);
        const int32_t o1 = c3 * 25172 + (s53 + s73);
        const int32_t o0 = c1 * 12299 + (s71 + s51);
        out[i] = (e0 + o0) >> kShift;
        out[56 + i] = (e0 - o0) >> kShift;
        out[8 + i] = (e1 + o1) >> kShift;
        out[48 + i] = (e1 - o1) >> kShift;
        out[16 + i] = (e2 + o2) >> kShift;
        out[40 + i] = (e2 - o2) >> kShift;
        out[24 + i] = (e3 + o3) >> kShift;
        out[32 + i] = (e3 - o3) >> kShift;
    }
}

}  // namespace residua::codec::dct_pass
