// Reduced pictures, their direction, and samples as screens take them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lcms2.h>

#include <cmath>
#include <cstring>

#include "display/conversion.h"
#include "display/reduction.h"
#include "display/turn.h"
#include "image_io/image.h"
#include "image_io/translate.h"

namespace display {
namespace {

using image_io::Colour;
using image_io::Description;
using ::testing::ElementsAre;

Description picture_of(uint32_t width, uint32_t height, Colour colour, bool alpha, uint32_t bits) {
    Description picture;
    picture.set_size(width, height);
    picture.set_kind(colour, alpha, bits);
    return picture;
}

template <typename Sample>
std::vector<Sample> noise(size_t count, uint32_t below) {
    std::vector<Sample> samples(count);
    uint64_t state = 1;
    for (Sample& sample : samples) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        sample = static_cast<Sample>((state >> 40) % below);
    }
    return samples;
}

TEST(Fitted, KeepsTheShapeAndNeverEnlarges) {
    const auto sides = [](uint32_t width, uint32_t height, uint32_t longest) {
        const Size size = fitted(width, height, longest);
        return std::pair(size.width, size.height);
    };
    EXPECT_EQ(sides(4000, 3000, 256), std::pair(256u, 192u));
    EXPECT_EQ(sides(3000, 4000, 256), std::pair(192u, 256u));
    EXPECT_EQ(sides(100, 80, 256), std::pair(100u, 80u));
    EXPECT_EQ(sides(100000, 3, 256), std::pair(256u, 1u));
    EXPECT_EQ(sides(2147483647, 2147483647, 128), std::pair(128u, 128u));
}

// The mean over the area by its definition, pixel by pixel.
template <typename Sample>
std::vector<double> means(const std::vector<Sample>& samples, uint32_t width, uint32_t height,
                          uint32_t channels, bool alpha, Size size) {
    const auto overlap = [](double a, double b, double c, double d) {
        return std::max(0.0, std::min(b, d) - std::max(a, c));
    };
    std::vector<double> result;
    for (uint32_t oy = 0; oy < size.height; ++oy)
        for (uint32_t ox = 0; ox < size.width; ++ox) {
            std::vector<double> sums(channels);
            double area = 0;
            for (uint32_t y = 0; y < height; ++y)
                for (uint32_t x = 0; x < width; ++x) {
                    const double weight =
                        overlap(1.0 * ox * width / size.width, (ox + 1.0) * width / size.width, x, x + 1.0) *
                        overlap(1.0 * oy * height / size.height, (oy + 1.0) * height / size.height, y,
                                y + 1.0);
                    const Sample* pixel = samples.data() + (size_t{y} * width + x) * channels;
                    const double opacity = alpha ? pixel[channels - 1] : 1;
                    area += weight;
                    for (uint32_t c = 0; c < channels; ++c)
                        sums[c] += weight * (alpha && c == channels - 1 ? 1.0 : pixel[c]) * opacity;
                }
            for (uint32_t c = 0; c < channels; ++c)
                result.push_back(alpha && c < channels - 1 ? sums[c] / sums[channels - 1] : sums[c] / area);
        }
    return result;
}

template <typename Sample>
void expect_means(Colour colour, bool alpha, uint32_t bits, Size size) {
    constexpr uint32_t kWidth = 37, kHeight = 23;
    const Description picture = picture_of(kWidth, kHeight, colour, alpha, bits);
    const auto samples = noise<Sample>(kWidth * kHeight * picture.channels(), 1u << bits);
    Reduction reduction(picture, size);
    for (uint32_t y = 0; y < kHeight; y += 5)
        reduction.add(std::min(5u, kHeight - y), samples.data() + size_t{y} * kWidth * picture.channels());
    const std::vector<uint8_t> bytes = reduction.take();
    const auto expected = means(samples, kWidth, kHeight, picture.channels(), alpha, size);
    ASSERT_EQ(bytes.size(), expected.size() * sizeof(Sample));
    std::vector<Sample> small(expected.size());
    std::memcpy(small.data(), bytes.data(), bytes.size());
    for (size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(small[i], expected[i], 0.501) << i;
}

TEST(Reduction, IsTheMeanOfTheArea) {
    expect_means<uint8_t>(Colour::kRgb, false, 8, {7, 5});
    expect_means<uint8_t>(Colour::kGrey, false, 8, {36, 1});
    expect_means<uint8_t>(Colour::kRgb, true, 8, {11, 22});
    expect_means<uint16_t>(Colour::kRgb, true, 16, {7, 5});
    expect_means<uint16_t>(Colour::kCmyk, false, 12, {3, 23});
}

TEST(Reduction, OfTheSameSizeIsThePicture) {
    const auto samples = noise<uint8_t>(9 * 7 * 3, 256);
    Reduction reduction(picture_of(9, 7, Colour::kRgb, false, 8), {9, 7});
    reduction.add(7, samples.data());
    EXPECT_EQ(reduction.take(), samples);
}

TEST(Turned, IsSeenAsExifSays) {
    // a b c
    // d e f
    const std::vector<uint8_t> pixels = {'a', 'b', 'c', 'd', 'e', 'f'};
    const auto seen = [&](uint32_t orientation) {
        Size size{3, 2};
        const auto bytes = turned(pixels, size, 1, orientation);
        std::string text;
        for (size_t i = 0; i < bytes.size(); ++i) {
            if (i > 0 && i % size.width == 0) text += '/';
            text += static_cast<char>(bytes[i]);
        }
        return text;
    };
    EXPECT_EQ(seen(1), "abc/def");
    EXPECT_EQ(seen(2), "cba/fed");
    EXPECT_EQ(seen(3), "fed/cba");
    EXPECT_EQ(seen(4), "def/abc");
    EXPECT_EQ(seen(5), "ad/be/cf");
    EXPECT_EQ(seen(6), "da/eb/fc");
    EXPECT_EQ(seen(7), "fc/eb/da");
    EXPECT_EQ(seen(8), "cf/be/ad");
}

template <typename Out, typename Sample>
std::vector<Out> converted(const Description& picture, Layout layout, const std::vector<Sample>& samples,
                           bool to_srgb = false) {
    const size_t pixels = samples.size() / picture.channels();
    std::vector<Out> out(pixels * layout.channels);
    Conversion(picture, layout, to_srgb).convert(samples.data(), pixels, out.data());
    return out;
}

TEST(Conversion, SamplesOfEightBitsStayAsTheyAre) {
    const auto samples = noise<uint8_t>(5000 * 3, 256);
    EXPECT_EQ((converted<uint8_t>(picture_of(1, 1, Colour::kRgb, false, 8), {3, 8}, samples)), samples);
    const auto with_alpha = noise<uint8_t>(5000 * 4, 256);
    EXPECT_EQ((converted<uint8_t>(picture_of(1, 1, Colour::kRgb, true, 8), {4, 8}, with_alpha)), with_alpha);
}

TEST(Conversion, StretchesOtherDepths) {
    using Bytes = std::vector<uint8_t>;
    EXPECT_THAT((converted<uint8_t>(picture_of(1, 1, Colour::kGrey, false, 1), {1, 8}, Bytes{0, 1})),
                ElementsAre(0, 255));
    EXPECT_THAT((converted<uint16_t>(picture_of(1, 1, Colour::kGrey, false, 12), {1, 16},
                                     std::vector<uint16_t>{0, 4095, 2048})),
                ElementsAre(0, 65535, 32776));
    EXPECT_THAT((converted<uint8_t>(picture_of(1, 1, Colour::kGrey, true, 16), {4, 8},
                                    std::vector<uint16_t>{65535, 0, 257 * 9, 257 * 7})),
                ElementsAre(255, 255, 255, 0, 9, 9, 9, 7));
    Description scan = picture_of(1, 1, Colour::kGrey, false, 1);
    const std::vector<uint8_t> min_is_white = {3, 0, 1, 0, 0, 0, 0, 0};
    scan.add("tiff:262", min_is_white);
    ASSERT_TRUE(image_io::is_min_is_white(scan));
    EXPECT_THAT((converted<uint8_t>(scan, {1, 8}, Bytes{0, 1})), ElementsAre(255, 0));
}

TEST(Conversion, CmykWithoutAProfileIsInkOnWhite) {
    const std::vector<uint8_t> inks = {0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255, 0, 51, 0, 51};
    EXPECT_THAT((converted<uint8_t>(picture_of(1, 1, Colour::kCmyk, false, 8), {3, 8}, inks)),
                ElementsAre(255, 255, 255, 0, 255, 255, 0, 0, 0, 204, 163, 204));
}

TEST(Conversion, GoesThroughTheProfile) {
    // sRGB's primaries with a straight line instead of its curve: 0.5 is 188 in sRGB.
    const cmsCIExyY white = {0.3127, 0.3290, 1};
    const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
    cmsToneCurve* line = cmsBuildGamma(nullptr, 1.0);
    cmsToneCurve* lines[] = {line, line, line};
    cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, lines);
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(profile, nullptr, &size);
    std::vector<uint8_t> icc(size);
    cmsSaveProfileToMem(profile, icc.data(), &size);
    cmsCloseProfile(profile);
    cmsFreeToneCurve(line);
    Description picture = picture_of(1, 1, Colour::kRgb, false, 8);
    picture.add("icc", icc);
    const std::vector<uint8_t> grey(3, 128);
    for (const uint8_t value : converted<uint8_t>(picture, {3, 8}, grey, true)) EXPECT_NEAR(value, 188, 1);
    EXPECT_TRUE(Conversion(picture, {3, 8}, true).profile().empty());
    // A viewer that does it by itself.
    EXPECT_EQ((converted<uint8_t>(picture, {3, 8}, grey)), grey);
    EXPECT_EQ(Conversion(picture, {3, 8}, false).profile().size(), icc.size());
    // One that is damaged changes nothing.
    Description damaged = picture_of(1, 1, Colour::kRgb, false, 8);
    damaged.add("icc", std::vector<uint8_t>(200, 7));
    EXPECT_EQ((converted<uint8_t>(damaged, {3, 8}, grey, true)), grey);
}

TEST(Conversion, RefusesWhatItWouldShowWrong) {
    EXPECT_THROW(Conversion(picture_of(1, 1, Colour::kRgb, false, 8), {1, 8}, false), image_io::ImageError);
    Description lab = picture_of(1, 1, Colour::kRgb, false, 8);
    const std::vector<uint8_t> cie_lab = {3, 0, 1, 0, 0, 0, 8, 0};
    lab.add("tiff:262", cie_lab);
    ASSERT_TRUE(image_io::is_lab(lab));
    EXPECT_THROW(Conversion(lab, {3, 8}, false), image_io::ImageError);
}

}  // namespace
}  // namespace display
