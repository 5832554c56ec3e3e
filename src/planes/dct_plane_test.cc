#include "planes/dct_plane.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "tests/support/jpeg_plane.h"

namespace residua::codec {
namespace {

constexpr int kWidth = 168, kHeight = 120;

std::vector<uint8_t> made_by(uint8_t (*sample)(int x, int y, std::mt19937& random)) {
    std::mt19937 random(1);
    std::vector<uint8_t> samples;
    for (int y = 0; y < kHeight; ++y)
        for (int x = 0; x < kWidth; ++x) samples.push_back(sample(x, y, random));
    return samples;
}

uint8_t noise(int, int, std::mt19937& random) { return static_cast<uint8_t>(random()); }
uint8_t gradient(int x, int y, std::mt19937&) { return static_cast<uint8_t>((x + 2 * y) / 2); }
// What an inverse DCT of few bits overshoots at.
uint8_t contrast(int x, int y, std::mt19937& random) {
    return (x / 5 + y / 3) % 2 != 0 || random() % 20 == 0 ? 255 : 0;
}

struct Shape {
    int width, height, offset_x, offset_y;
};

DctPlane plane_of(const test::JpegPlane& jpeg, const Shape& shape, Allocator& allocator) {
    DctPlane plane;
    plane.width = shape.width;
    plane.height = shape.height;
    plane.offset_x = shape.offset_x;
    plane.offset_y = shape.offset_y;
    std::ranges::copy(jpeg.steps, plane.quant.begin());
    plane.coefficients = Buffer<int16_t>(allocator, jpeg.coefficients.size());
    std::ranges::copy(jpeg.coefficients, plane.coefficients.data());
    return plane;
}

TEST(DctPlane, EqualsLibjpeg) {
    for (const auto sample : {noise, gradient, contrast})
        for (const int quality : {1, 10, 50, 75, 90, 98, 100}) {
            const test::JpegPlane jpeg = test::through_jpeg(made_by(sample), kWidth, kHeight, quality);
            Allocator allocator;
            const DctPlane plane = plane_of(jpeg, {kWidth, kHeight, 0, 0}, allocator);
            ASSERT_EQ(plane.columns(), jpeg.columns);
            ASSERT_EQ(plane.rows(), jpeg.rows);
            std::vector<uint8_t> samples(jpeg.samples.size());
            for (int row = 0; row < plane.rows(); ++row)
                dct_row_to_samples(plane, row, {samples.data(), kWidth, kHeight, 1, kWidth}, 0);
            EXPECT_EQ(samples, jpeg.samples) << "quality " << quality;
        }
}

// A part of a picture that begins and ends inside of blocks, as one of two channels.
TEST(DctPlane, WritesAPartIntoAChannel) {
    const test::JpegPlane jpeg = test::through_jpeg(made_by(noise), kWidth, kHeight, 60);
    const Shape shape = {kWidth - 3 - 6, kHeight - 5 - 1, 3, 5};
    Allocator allocator;
    const DctPlane plane = plane_of(jpeg, shape, allocator);
    ASSERT_EQ(plane.columns(), jpeg.columns);
    ASSERT_EQ(plane.rows(), jpeg.rows);
    const int stride = 2 * shape.width + 4;
    std::vector<uint8_t> samples(static_cast<size_t>(stride * shape.height), 77);
    for (int row = 0; row < plane.rows(); ++row)
        dct_row_to_samples(plane, row, {samples.data(), shape.width, shape.height, 2, stride}, 1);
    for (int y = 0; y < shape.height; ++y)
        for (int x = 0; x < stride; ++x) {
            const bool written = x % 2 == 1 && x < 2 * shape.width;
            const int expected =
                written ? jpeg.samples[static_cast<size_t>((y + 5) * kWidth + x / 2 + 3)] : 77;
            ASSERT_EQ(samples[static_cast<size_t>(y * stride + x)], expected) << x << ' ' << y;
        }
}

// The largest coefficients and steps, with the signs that add up in one sample: arithmetic that overflowed
// would turn its sign.
TEST(DctPlane, LimitsWildCoefficients) {
    QuantTable quant;
    for (const int step : {16, 255, 65535}) {
        quant.fill(static_cast<uint16_t>(step));
        for (int position = 0; position < kBlockSize; ++position) {
            int16_t coefficients[kBlockSize], opposite[kBlockSize];
            for (int k = 0; k < kBlockSize; ++k) {
                const double angle_x = (2 * (position % 8) + 1) * (k % 8) * std::numbers::pi / 16;
                const double angle_y = (2 * (position / 8) + 1) * (k / 8) * std::numbers::pi / 16;
                const int sign = std::cos(angle_x) * std::cos(angle_y) < 0 ? -1 : 1;
                coefficients[k] = static_cast<int16_t>(sign * kMostCoefficient);
                opposite[k] = static_cast<int16_t>(-coefficients[k]);
            }
            int32_t sums[kBlockSize];
            inverse_dct(coefficients, quant, sums);
            EXPECT_EQ(dct_sample(sums[position]), 255) << step << ' ' << position;
            inverse_dct(opposite, quant, sums);
            EXPECT_EQ(dct_sample(sums[position]), 0) << step << ' ' << position;
        }
    }
}

}  // namespace
}  // namespace residua::codec
