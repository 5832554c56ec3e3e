#include "origin/blocks/enc_dct_plane.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "base/test_session.h"
#include "tests/support/jpeg_plane.h"

namespace residua::codec {
namespace {

constexpr int kWidth = 320, kHeight = 256;

// Waves, edges and noise, as photographs have; `contrast` in per cent, beyond 100 much is clamped.
std::vector<uint8_t> photograph(int contrast, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<double> noise(0, 4);
    std::vector<uint8_t> samples;
    for (int y = 0; y < kHeight; ++y)
        for (int x = 0; x < kWidth; ++x) {
            double value =
                45 * std::sin(0.05 * x + 0.0004 * y * y) + 25 * std::cos(0.31 * y - 0.011 * x * x / 40);
            if ((x / 37 + y / 29) % 3 == 0) value += 40;
            value = 128 + contrast / 100.0 * (value + noise(random));
            samples.push_back(static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L)));
        }
    return samples;
}

// A plane cut out of what a JPEG's decoder made, and what is known of it.
struct Plane {
    int width, height;
    std::vector<uint8_t> samples, trusted;

    Plane(const std::vector<uint8_t>& whole, int whole_width, int left, int top, int w, int h)
        : width(w), height(h), trusted(static_cast<size_t>(w * h), 1) {
        for (int y = 0; y < h; ++y)
            for (int x = 0; x < w; ++x)
                samples.push_back(whole[static_cast<size_t>((top + y) * whole_width + left + x)]);
    }
    Plane(const test::JpegPlane& jpeg, int left, int top)
        : Plane(jpeg.samples, jpeg.width(), left, top, jpeg.width() - left, jpeg.height() - top) {}

    PlaneSamples view() const {
        return {{samples.data(), width, height, 1, width}, 0, {trusted.data(), width, height, 1, width}};
    }
    std::optional<DctPlane> find(int threads = 1, std::optional<BlockGrid> known = std::nullopt) const {
        work_.push_back(std::make_unique<TestSession>(threads));
        return find_dct_plane(view(), work_.back()->session,
                              known ? std::span(&*known, 1) : std::span<const BlockGrid>());
    }
    // Trusted samples that `found` makes otherwise, in 100000: of those that lie within 8 of the border, or
    // of the others.
    int wrong(const DctPlane& found, bool at_border = false) const {
        std::vector<uint8_t> made(samples.size());
        for (int row = 0; row < found.rows(); ++row)
            dct_row_to_samples(found, row, {made.data(), width, height, 1, width}, 0);
        int64_t count = 0, wrong = 0;
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                if ((x < 8 || y < 8 || x >= width - 8 || y >= height - 8) != at_border) continue;
                const auto i = static_cast<size_t>(y * width + x);
                count += trusted[i];
                wrong += trusted[i] != 0 && made[i] != samples[i];
            }
        return static_cast<int>(100000 * wrong / count);
    }

  private:
    static inline std::vector<std::unique_ptr<TestSession>> work_;  // outlives the planes found
};

struct Case {
    int quality, left, top;
};

// Steps of frequencies that occur often.
void expect_steps(const test::JpegPlane& jpeg, const DctPlane& found) {
    for (size_t k = 0; k < kBlockSize; ++k) {
        int count = 0;
        for (size_t i = k; i < jpeg.coefficients.size(); i += kBlockSize) count += jpeg.coefficients[i] != 0;
        if (count >= 30) {
            EXPECT_EQ(found.quant[k], jpeg.steps[k]) << "frequency " << k;
        }
    }
}

class DctSearch : public testing::TestWithParam<Case> {};

TEST_P(DctSearch, FindsGridTableAndCoefficients) {
    const auto [quality, left, top] = GetParam();
    const test::JpegPlane jpeg = test::through_jpeg(photograph(100), kWidth, kHeight, quality);
    const Plane plane(jpeg, left, top);
    const auto found = plane.find();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->offset_x, left);
    EXPECT_EQ(found->offset_y, top);
    expect_steps(jpeg, *found);
    EXPECT_LE(plane.wrong(*found), quality <= 90 ? 20 : quality <= 95 ? 100 : 400);
}

INSTANTIATE_TEST_SUITE_P(Qualities, DctSearch,
                         testing::Values(Case{50, 0, 0}, Case{50, 3, 5}, Case{75, 0, 0}, Case{75, 7, 1},
                                         Case{90, 4, 4}, Case{95, 0, 6}, Case{98, 0, 0}, Case{98, 5, 2}));

TEST(DctSearchTest, BringsBackTheCoefficients) {
    const test::JpegPlane jpeg = test::through_jpeg(photograph(80), kWidth, kHeight, 80);
    const auto found = Plane(jpeg, 0, 0).find();
    ASSERT_TRUE(found);
    EXPECT_TRUE(std::ranges::equal(found->coefficients.span(), jpeg.coefficients));
}

// Blocks of which a part was cut off.
TEST(DctSearchTest, CompletesBlocksAtTheBorder) {
    const test::JpegPlane jpeg = test::through_jpeg(photograph(100), kWidth, kHeight, 75);
    for (const int cut : {2, 4, 6}) {
        const Plane plane(jpeg, cut, 8 - cut);
        const auto found = plane.find();
        ASSERT_TRUE(found);
        EXPECT_LE(plane.wrong(*found, true), 4000) << cut;
    }
}

TEST(DctSearchTest, SeesThroughClampedSamples) {
    for (const int quality : {60, 85}) {
        const test::JpegPlane jpeg = test::through_jpeg(photograph(300), kWidth, kHeight, quality);
        const Plane plane(jpeg, 0, 0);
        const auto clamped =
            std::ranges::count_if(plane.samples, [](int value) { return value == 0 || value == 255; });
        ASSERT_GT(clamped, kWidth * kHeight / 8);
        const auto found = plane.find();
        ASSERT_TRUE(found);
        EXPECT_LE(plane.wrong(*found), 300) << quality;
    }
}

TEST(DctSearchTest, ToleratesWrongSamples) {
    const test::JpegPlane jpeg = test::through_jpeg(photograph(100), kWidth, kHeight, 85);
    Plane plane(jpeg, 2, 0);
    const Plane right = plane;
    std::mt19937 random(5);
    for (size_t i = 0; i < plane.samples.size(); ++i) {
        const bool patch = i / 40 % 23 == 0;  // runs of samples of which nothing is known
        if (patch) plane.trusted[i] = 0;
        if (patch || random() % 1000 == 0)
            plane.samples[i] = static_cast<uint8_t>(
                std::clamp(plane.samples[i] + static_cast<int>(random() % 2 == 0 ? 3 : -3), 1, 254));
    }
    const auto found = plane.find();
    ASSERT_TRUE(found);
    expect_steps(jpeg, *found);
    EXPECT_LE(right.wrong(*found), 1000);  // also of the samples that were spoilt
}

TEST(DctSearchTest, RefusesWhatIsNoJpeg) {
    const std::vector<uint8_t> picture = photograph(100);
    EXPECT_FALSE(Plane(picture, kWidth, 0, 0, kWidth, kHeight).find());
    std::mt19937 random(4);
    std::vector<uint8_t> noise(kWidth * kHeight);
    for (uint8_t& sample : noise) sample = static_cast<uint8_t>(random());
    EXPECT_FALSE(Plane(noise, kWidth, 0, 0, kWidth, kHeight).find());
    EXPECT_FALSE(Plane(random_bytes(kWidth * kHeight, 3), kWidth, 0, 0, kWidth, kHeight).find());
    EXPECT_FALSE(Plane(std::vector<uint8_t>(kWidth * kHeight, 100), kWidth, 0, 0, kWidth, kHeight).find());
    EXPECT_FALSE(Plane(picture, kWidth, 0, 0, 7, 5).find());
}

TEST(DctSearchTest, RefusesAResizedJpeg) {
    const test::JpegPlane jpeg = test::through_jpeg(photograph(100), kWidth, kHeight, 75);
    const int width = kWidth * 7 / 10, height = kHeight * 7 / 10;
    std::vector<uint8_t> resized;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const double from_x = x / 0.7, from_y = y / 0.7;
            const int left = static_cast<int>(from_x), top = static_cast<int>(from_y);
            const auto at = [&](int dx, int dy) {
                return static_cast<double>(jpeg.samples[static_cast<size_t>(
                    std::min(top + dy, kHeight - 1) * kWidth + std::min(left + dx, kWidth - 1))]);
            };
            const double u = from_x - left, v = from_y - top;
            const double value =
                (1 - v) * ((1 - u) * at(0, 0) + u * at(1, 0)) + v * ((1 - u) * at(0, 1) + u * at(1, 1));
            resized.push_back(static_cast<uint8_t>(std::lround(value)));
        }
    EXPECT_FALSE(Plane(resized, width, 0, 0, width, height).find());
}

// A grid that is known may be wrong; then the samples show it.
TEST(DctSearchTest, TakesAKnownGridOnlyIfItFits) {
    const test::JpegPlane jpeg = test::through_jpeg(photograph(100), kWidth, kHeight, 75);
    const Plane plane(jpeg, 1, 2);
    EXPECT_FALSE(plane.find(1, BlockGrid{5, 2}));
    const Plane flat(std::vector<uint8_t>(kWidth * kHeight, 128), kWidth, 0, 0, kWidth, kHeight);
    const auto found = flat.find(1, BlockGrid{5, 2});
    ASSERT_TRUE(found);
    EXPECT_EQ(flat.wrong(*found), 0);
}

TEST(DctSearchTest, DoesNotDependOnThreads) {
    const test::JpegPlane jpeg = test::through_jpeg(photograph(150), kWidth, kHeight, 92);
    const Plane plane(jpeg, 6, 3);
    const auto one = plane.find(1);
    ASSERT_TRUE(one);
    for (const int threads : {2, 5}) {
        const auto more = plane.find(threads);
        ASSERT_TRUE(more);
        EXPECT_EQ(one->quant, more->quant);
        EXPECT_TRUE(std::ranges::equal(one->coefficients.span(), more->coefficients.span()));
    }
}

}  // namespace
}  // namespace residua::codec
