#include "lossy/color.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/error.h"

namespace residua::lossy {
namespace {

using Pixel = std::array<uint8_t, 3>;
using Samples = std::array<uint16_t, 3>;

Samples forward(int bit_depth, Pixel pixel) {
    Samples out;
    rgb_to_ycbcr(color_matrix(bit_depth), pixel.data(), 1, &out[0], &out[1], &out[2]);
    return out;
}

std::array<uint16_t, 3> inverse_fine(int bit_depth, Samples samples) {
    std::array<uint16_t, 3> out;
    ycbcr_to_fine_rgb(color_matrix(bit_depth), &samples[0], &samples[1], &samples[2], 1, out.data());
    return out;
}

Pixel inverse(int bit_depth, Samples samples) {
    const auto fine = inverse_fine(bit_depth, samples);
    return {round_fine(fine[0]), round_fine(fine[1]), round_fine(fine[2])};
}

// Calls visit(pixel) for a grid of colours that has every corner of the cube.
template <typename Visit>
void for_colors(int step, Visit visit) {
    const auto value = [step](int i) { return static_cast<uint8_t>(std::min(i * step, 255)); };
    for (int r = 0; r * step < 255 + step; ++r)
        for (int g = 0; g * step < 255 + step; ++g)
            for (int b = 0; b * step < 255 + step; ++b) visit(Pixel{value(r), value(g), value(b)});
}

class ColorDepth : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Color, ColorDepth, testing::Values(8, 10));

TEST_P(ColorDepth, CoefficientsAreTheRoundedMatrix) {
    const ColorMatrix& m = color_matrix(GetParam());
    const double one = 1 << 20, up = one * m.maximum / 255, down = one * 255 / m.maximum;
    EXPECT_EQ(m.maximum, (1 << GetParam()) - 1);
    EXPECT_EQ(m.half, 1 << (GetParam() - 1));
    EXPECT_EQ(m.y_from_r, std::lround(0.299 * up));
    EXPECT_EQ(m.y_from_b, std::lround(0.114 * up));
    EXPECT_EQ(m.y_from_r + m.y_from_g + m.y_from_b, std::lround(up));
    EXPECT_EQ(m.cb_from_r, std::lround(-0.299 / 1.772 * up));
    EXPECT_EQ(m.cb_from_b, std::lround(0.5 * up));
    EXPECT_EQ(m.cb_from_r + m.cb_from_g + m.cb_from_b, 0);
    EXPECT_EQ(m.cr_from_r, std::lround(0.5 * up));
    EXPECT_EQ(m.cr_from_b, std::lround(-0.114 / 1.402 * up));
    EXPECT_EQ(m.cr_from_r + m.cr_from_g + m.cr_from_b, 0);
    EXPECT_EQ(m.from_y, std::lround(down));
    EXPECT_EQ(m.r_from_cr, std::lround(1.402 * down));
    EXPECT_EQ(m.g_from_cb, std::lround(-0.114 * 1.772 / 0.587 * down));
    EXPECT_EQ(m.g_from_cr, std::lround(-0.299 * 1.402 / 0.587 * down));
    EXPECT_EQ(m.b_from_cb, std::lround(1.772 * down));
}

// BT.601 with real numbers.
TEST_P(ColorDepth, ForwardIsTheRoundedRealMatrix) {
    const double maximum = (1 << GetParam()) - 1, half = 1 << (GetParam() - 1);
    for_colors(7, [&](Pixel p) {
        const double y = 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
        const double real[3] = {y * maximum / 255, half + (p[2] - y) / 1.772 * maximum / 255,
                                half + (p[0] - y) / 1.402 * maximum / 255};
        const Samples samples = forward(GetParam(), p);
        for (int c = 0; c < 3; ++c)
            ASSERT_LE(std::abs(samples[c] - std::min(real[c], maximum)), 0.501) << c << " of " << int{p[0]};
    });
}

TEST_P(ColorDepth, InverseIsTheRoundedRealMatrix) {
    const int maximum = (1 << GetParam()) - 1, half = 1 << (GetParam() - 1);
    for (int y = 0; y <= maximum; y += 5)
        for (int cb = 0; cb <= maximum; cb += 11)
            for (int cr = 0; cr <= maximum; cr += 13) {
                const double scale = 255.0 / maximum, blue = cb - half, red = cr - half;
                const double real[3] = {
                    scale * (y + 1.402 * red),
                    scale * (y - 0.114 * 1.772 / 0.587 * blue - 0.299 * 1.402 / 0.587 * red),
                    scale * (y + 1.772 * blue)};
                const Samples samples = {static_cast<uint16_t>(y), static_cast<uint16_t>(cb),
                                         static_cast<uint16_t>(cr)};
                const auto fine = inverse_fine(GetParam(), samples);
                const Pixel pixel = inverse(GetParam(), samples);
                for (int c = 0; c < 3; ++c) {
                    const double clipped = std::clamp(real[c], 0.0, 255.0);
                    ASSERT_LE(std::abs(pixel[c] - clipped), 0.501);
                    ASSERT_LE(std::abs(fine[c] / 64.0 - clipped), 1.1 / 64);
                }
            }
}

TEST_P(ColorDepth, RoundTripStaysClose) {
    int worst = 0;
    for_colors(3, [&](Pixel p) {
        const Pixel back = inverse(GetParam(), forward(GetParam(), p));
        for (int c = 0; c < 3; ++c) worst = std::max(worst, std::abs(int{p[c]} - int{back[c]}));
    });
    EXPECT_EQ(worst, GetParam() == 10 ? 0 : 1) << "the format document states this figure";
}

TEST_P(ColorDepth, GreyIsExact) {
    const ColorMatrix& matrix = color_matrix(GetParam());
    for (int v = 0; v < 256; ++v) {
        const uint8_t grey = static_cast<uint8_t>(v);
        uint16_t y = 0, fine = 0;
        grey_to_y(matrix, &grey, 1, &y);
        EXPECT_EQ(y, std::lround(v * matrix.maximum / 255.0));
        y_to_fine_grey(matrix, &y, 1, &fine);
        EXPECT_EQ(round_fine(fine), v);
        const Samples samples = forward(GetParam(), {grey, grey, grey});
        EXPECT_EQ(samples,
                  (Samples{y, static_cast<uint16_t>(matrix.half), static_cast<uint16_t>(matrix.half)}));
        EXPECT_EQ(inverse(GetParam(), samples), (Pixel{grey, grey, grey}));
    }
}

TEST_P(ColorDepth, ImpossibleSamplesCountAsTheLargest) {
    const uint16_t maximum = static_cast<uint16_t>(color_matrix(GetParam()).maximum);
    EXPECT_EQ(inverse(GetParam(), {65535, 65535, 65535}), inverse(GetParam(), {maximum, maximum, maximum}));
    EXPECT_EQ(inverse(GetParam(), {0, 65535, 0}), inverse(GetParam(), {0, maximum, 0}));
}

TEST(Color, RowsOfBytesEqualRowsOfWords) {
    constexpr int kWidth = 37;
    std::vector<uint8_t> rgb(3 * kWidth), bytes[3];
    for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(i * 97 + i * i * 13);
    std::vector<uint16_t> words[3];
    for (int c = 0; c < 3; ++c) bytes[c].resize(kWidth), words[c].resize(kWidth);
    const ColorMatrix& matrix = color_matrix(8);
    rgb_to_ycbcr(matrix, rgb.data(), kWidth, bytes[0].data(), bytes[1].data(), bytes[2].data());
    rgb_to_ycbcr(matrix, rgb.data(), kWidth, words[0].data(), words[1].data(), words[2].data());
    for (int c = 0; c < 3; ++c)
        for (int x = 0; x < kWidth; ++x) {
            const Samples one = forward(8, {rgb[3 * x], rgb[3 * x + 1], rgb[3 * x + 2]});
            EXPECT_EQ(bytes[c][x], one[c]);
            EXPECT_EQ(words[c][x], one[c]);
        }
    std::vector<uint16_t> fine_bytes(3 * kWidth), fine_words(3 * kWidth);
    ycbcr_to_fine_rgb(matrix, bytes[0].data(), bytes[1].data(), bytes[2].data(), kWidth, fine_bytes.data());
    ycbcr_to_fine_rgb(matrix, words[0].data(), words[1].data(), words[2].data(), kWidth, fine_words.data());
    EXPECT_EQ(fine_bytes, fine_words);
}

TEST(Color, OtherDepthsAreRefused) { EXPECT_THROW(color_matrix(9), Error); }

}  // namespace
}  // namespace residua::lossy
