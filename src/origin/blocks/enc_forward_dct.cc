#include "origin/blocks/enc_forward_dct.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace residua::codec {

namespace {

constexpr int kSide = 8, kSize = 64;

float weight(int frequency, int position) {
    const double scale = frequency == 0 ? std::sqrt(0.125) : 0.5;
    return static_cast<float>(scale * std::cos((2 * position + 1) * frequency * std::numbers::pi / 16));
}

std::array<float, kSize * kSize> make_basis() {
    std::array<float, kSize * kSize> basis;
    for (int k = 0; k < kSize; ++k)
        for (int s = 0; s < kSize; ++s)
            basis[static_cast<size_t>(kSize * k + s)] =
                weight(k / kSide, s / kSide) * weight(k % kSide, s % kSide);
    return basis;
}

void transpose(const float* from, float* to) {
    for (int y = 0; y < kSide; ++y)
        for (int x = 0; x < kSide; ++x) to[kSide * x + y] = from[kSide * y + x];
}

// cos(kπ/16) / 2
constexpr float kC1 = 0.49039264020161522F, kC2 = 0.46193976625564337F, kC3 = 0.41573480615127262F,
                kC4 = 0.35355339059327376F, kC5 = 0.27778511650980111F, kC6 = 0.19134171618254489F,
                kC7 = 0.09754516100806413F;

}  // namespace

void forward_dct_lanes(const float* in, float* out) {
    for (int i = 0; i < kSide; ++i) {
        const float s07 = in[i] + in[56 + i], d07 = in[i] - in[56 + i];
        const float s16 = in[8 + i] + in[48 + i], d16 = in[8 + i] - in[48 + i];
        const float s25 = in[16 + i] + in[40 + i], d25 = in[16 + i] - in[40 + i];
        const float s34 = in[24 + i] + in[32 + i], d34 = in[24 + i] - in[32 + i];
        const float a = s07 + s34, b = s16 + s25, c = s07 - s34, d = s16 - s25;
        out[i] = kC4 * (a + b);
        out[32 + i] = kC4 * (a - b);
        out[16 + i] = kC2 * c + kC6 * d;
        out[48 + i] = kC6 * c - kC2 * d;
        out[8 + i] = kC1 * d07 + kC3 * d16 + kC5 * d25 + kC7 * d34;
        out[24 + i] = kC3 * d07 - kC7 * d16 - kC1 * d25 - kC5 * d34;
        out[40 + i] = kC5 * d07 - kC1 * d16 + kC7 * d25 + kC3 * d34;
        out[56 + i] = kC7 * d07 - kC5 * d16 + kC3 * d25 - kC1 * d34;
    }
}

void forward_dct(const float* values, float* frequencies) {
    float columns[kSize], rows[kSize];
    forward_dct_lanes(values, columns);  // [v][x]
    transpose(columns, rows);            // [x][v]
    forward_dct_lanes(rows, columns);    // [u][v]
    transpose(columns, frequencies);
}

const float* dct_basis() {
    static const std::array<float, kSize* kSize> basis = make_basis();
    return basis.data();
}

}  // namespace residua::codec
