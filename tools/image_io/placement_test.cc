// What one format's metadata become in another one.
#include <gtest/gtest.h>
#include <lcms2.h>

#include "image_io/colour_profile.h"
#include "image_io/test_kinds.h"
#include "image_io/translate.h"

namespace image_io {
namespace {

using Bytes = std::vector<uint8_t>;
using Names = std::vector<std::string>;

Bytes big(std::initializer_list<uint32_t> numbers) {
    Bytes bytes;
    for (const uint32_t number : numbers) put_big(bytes, number, 4);
    return bytes;
}

Bytes jfif(uint8_t unit, uint32_t x, uint32_t y) {
    Bytes bytes = {'J', 'F', 'I', 'F', 0, 1, 1, unit};
    put_big(bytes, x, 2);
    put_big(bytes, y, 2);
    bytes.insert(bytes.end(), {0, 0});
    return bytes;
}

Description placed(const Description& image, OutputFormat format, const Names& left_out = {}) {
    const Placement placement = place(image, format);
    EXPECT_EQ(placement.left_out, left_out);
    return placement.image;
}

Bytes found(const Description& image, const std::string& name) {
    const auto bytes = image.find(name);
    return {bytes.begin(), bytes.end()};
}

TEST(Placement, PixelDensity) {
    Description image = make_image(4, 4, Colour::kRgb, false, 8);
    image.add("jpeg:APP0", jfif(1, 600, 300));
    Bytes in_metres = big({23622, 11811});
    in_metres.push_back(1);
    EXPECT_EQ(found(placed(image, OutputFormat::kPng), "png:pHYs"), in_metres);
    Description tiff = placed(image, OutputFormat::kTiff);
    EXPECT_EQ(tiff_field(tiff, tag::kXResolution)->first(), 0u);  // a fraction
    EXPECT_EQ(tiff_field(tiff, tag::kXResolution)->values, (Bytes{0x58, 2, 0, 0, 1, 0, 0, 0}));
    EXPECT_EQ(tiff_field(tiff, tag::kResolutionUnit)->first(), 2u);
    placed(image, OutputFormat::kPnm, {"jpeg:APP0 (JFIF, pixel density)"});

    // And back from TIFF's terms; a metre has a hundred centimetres.
    EXPECT_EQ(found(placed(tiff, OutputFormat::kPng), "png:pHYs"), in_metres);
    Description png = make_image(4, 4, Colour::kRgb, false, 8);
    png.add("png:pHYs", in_metres);
    tiff = placed(png, OutputFormat::kTiff);
    EXPECT_EQ(tiff_field(tiff, tag::kResolutionUnit)->first(), 3u);
    EXPECT_EQ(found(placed(tiff, OutputFormat::kPng), "png:pHYs"), in_metres);

    // Only the pixels' shape.
    image.metadata = {{"jpeg:APP0", jfif(0, 2, 1)}};
    Bytes shape = big({2, 1});
    shape.push_back(0);
    EXPECT_EQ(found(placed(image, OutputFormat::kPng), "png:pHYs"), shape);

    // Nothing that anyone would miss.
    image.metadata = {{"jpeg:APP0", jfif(0, 1, 1)}};
    EXPECT_TRUE(placed(image, OutputFormat::kPng).metadata.empty());
    EXPECT_TRUE(placed(image, OutputFormat::kPnm).metadata.empty());
}

TEST(Placement, OrientationOfTiffBecomesExif) {
    Description image = make_image(4, 4, Colour::kRgb, false, 8);
    add_field(image, Field::number(tag::kOrientation, kShort, 8));
    auto exif = parse_exif(found(placed(image, OutputFormat::kPng), "png:eXIf"));
    ASSERT_TRUE(exif);
    EXPECT_EQ(exif->main.fields.at(tag::kOrientation).first(), 8u);

    // Into an Exif block that there is, with all that it has.
    Directory directory;
    directory.below[tag::kGps].set(Field::number(5, kByte, 1));
    image.add("exif", make_exif(directory));
    exif = parse_exif(found(placed(image, OutputFormat::kPng), "png:eXIf"));
    ASSERT_TRUE(exif);
    EXPECT_EQ(exif->main.fields.at(tag::kOrientation).first(), 8u);
    EXPECT_TRUE(exif->main.below.contains(tag::kGps));

    image.metadata.clear();
    add_field(image, Field::number(tag::kOrientation, kShort, 1));
    EXPECT_TRUE(placed(image, OutputFormat::kPng).metadata.empty());
}

// Light at the middle of the signal.
double middle_of(const Bytes& profile, cmsTagSignature tag) {
    const cmsHPROFILE opened =
        cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size()));
    EXPECT_NE(opened, nullptr);
    const auto* curve = static_cast<const cmsToneCurve*>(cmsReadTag(opened, tag));
    EXPECT_NE(curve, nullptr);
    const double value = curve ? cmsEvalToneCurveFloat(curve, 0.5) : 0;
    cmsCloseProfile(opened);
    return value;
}

TEST(Placement, ColourChunksBecomeAProfile) {
    Description image = make_image(4, 4, Colour::kRgb, false, 8);
    const auto profile = [&] { return found(placed(image, OutputFormat::kTiff), "tiff:34675"); };
    const auto middle = [&] {
        const Bytes entry = profile();
        return middle_of({entry.begin() + 6, entry.end()}, cmsSigRedTRCTag);
    };
    image.add("png:gAMA", big({100000}));
    image.add("png:cHRM", big({31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600}));
    EXPECT_NEAR(middle(), 0.5, 1e-4);
    EXPECT_EQ(profile(), profile());
    image.metadata[0].bytes = big({50000});
    EXPECT_NEAR(middle(), 0.25, 1e-3);
    image.metadata = {{"png:sRGB", {0}}};
    EXPECT_NEAR(middle(), 0.2140, 1e-3);
    image.metadata = {{"png:cICP", {9, 16, 0, 1}}};  // PQ: 92.2 of 10,000 cd/m²
    EXPECT_NEAR(middle(), 0.00922, 1e-4);
    image.metadata = {{"png:cICP", {9, 18, 0, 1}}};
    EXPECT_NEAR(middle(), 1.0 / 12, 1e-3);

    // What no profile says is named.
    image.metadata = {{"png:cICP", {9, 16, 9, 0}}};
    placed(image, OutputFormat::kTiff, {"png:cICP (colour space by code points)"});
    // A profile that there is wins.
    image.metadata = {{"png:gAMA", big({50000})}, {"icc", Bytes(9, 9)}};
    placed(image, OutputFormat::kTiff, {"png:gAMA (gamma)"});

    Description grey = make_image(4, 4, Colour::kGrey, false, 8);
    grey.add("png:gAMA", big({50000}));
    EXPECT_NEAR(middle_of(profile_of_chunks(grey), cmsSigGrayTRCTag), 0.25, 1e-3);
}

TEST(Placement, PhotoshopOfJpegBecomesAField) {
    Description image = make_image(4, 4, Colour::kRgb, false, 8);
    image.add("jpeg:APP13", as_bytes(std::string("Photoshop 3.0\0"
                                                 "8BIMone",
                                                 21)));
    image.add("jpeg:APP13", as_bytes(std::string("Photoshop 3.0\0"
                                                 "two",
                                                 17)));
    image.add("jpeg:COM", as_bytes("hello"));
    const Description tiff = placed(image, OutputFormat::kTiff, {"jpeg:COM (comment)"});
    EXPECT_EQ(as_text(tiff_field(tiff, tag::kPhotoshop)->values), "8BIMonetwo");
}

TEST(Placement, NothingIsLeftOutSilently) {
    for (const OutputFormat format :
         {OutputFormat::kPng, OutputFormat::kTiff, OutputFormat::kPnm, OutputFormat::kPam}) {
        Description image = make_image(4, 4, Colour::kRgb, false, 8);
        for (const char* name :
             {"webp:XXXX", "gif:FE", "webp:trailing", "jpeg:APP5", "png:iCCP-name", "new:thing"})
            image.add(name, Bytes(2, 1));
        const Placement placement = place(image, format);
        EXPECT_EQ(placement.left_out.size(), 6u);
        EXPECT_TRUE(placement.image.metadata.empty());
    }
    Description image = make_image(4, 4, Colour::kRgb, false, 8);
    image.add("icc", Bytes(2, 1));
    image.add("exif", Bytes(2, 1));
    image.add("xmp", Bytes(2, 1));
    image.add("png:pHYs", Bytes(9, 1));
    EXPECT_EQ(place(image, OutputFormat::kPnm).left_out.size(), 4u);
    EXPECT_EQ(place(image, OutputFormat::kPng).left_out.size(), 0u);
    image.metadata.insert(image.metadata.end(), image.metadata.begin(), image.metadata.begin() + 3);
    EXPECT_EQ(place(image, OutputFormat::kPng).left_out.size(), 3u) << "a PNG has one of each";
}

TEST(Strip, KeepsWhatDecidesHowPixelsLook) {
    Description image = make_image(4, 4, Colour::kRgb, false, 8);
    Directory directory;
    directory.set(Field::number(tag::kOrientation, kShort, 6));
    directory.set(Field::bytes(271, kAscii, as_bytes(std::string("Maker\0", 6))));
    image.add("exif", make_exif(directory));
    image.add("icc", Bytes(5, 5));
    image.add("png:tEXt", Bytes(5, 5));
    image.add("png:gAMA", Bytes(4, 1));
    image.add("jpeg:trailing", Bytes(5, 5));
    strip_metadata(image);
    ASSERT_EQ(image.metadata.size(), 3u);
    EXPECT_TRUE(image.has("icc") && image.has("png:gAMA"));
    EXPECT_EQ(orientation_of(image), 6u);
    EXPECT_EQ(parse_exif(image.find("exif"))->main.fields.size(), 1u);
    directory.set(Field::number(tag::kOrientation, kShort, 1));
    image.metadata = {{"exif", make_exif(directory)}};
    strip_metadata(image);
    EXPECT_TRUE(image.metadata.empty());
}

// A colour, not a pixel's channel: other formats have only the latter.
TEST(Placement, ATransparentColourBecomesAlpha) {
    for (const uint32_t bits : {1u, 8u, 16u})
        for (const Colour colour : {Colour::kGrey, Colour::kRgb}) {
            if (colour == Colour::kRgb && bits < 8) continue;
            Image image = make_image(7, 5, colour, false, bits);
            const std::vector<uint32_t> samples = numbers_of(image);
            const size_t channels = image.channels();
            Bytes key;
            for (size_t c = 0; c < channels; ++c)
                put_big(key, samples[3 * channels + c], 2);  // of the fourth pixel
            image.add("png:tRNS", key);
            std::vector<uint32_t> expected;
            const uint32_t opaque = (uint32_t{1} << bits) - 1;
            for (size_t i = 0; i < samples.size(); i += channels) {
                const bool same = std::equal(samples.begin() + static_cast<ptrdiff_t>(i),
                                             samples.begin() + static_cast<ptrdiff_t>(i + channels),
                                             samples.begin() + static_cast<ptrdiff_t>(3 * channels));
                expected.insert(expected.end(), samples.begin() + static_cast<ptrdiff_t>(i),
                                samples.begin() + static_cast<ptrdiff_t>(i + channels));
                expected.push_back(same ? 0 : opaque);
            }
            for (const OutputFormat format : {OutputFormat::kTiff, OutputFormat::kPam}) {
                EXPECT_TRUE(place(image, format).left_out.empty());
                const Image back = read(write_by(image, format, 2), UINT64_MAX);
                EXPECT_TRUE(back.alpha);
                EXPECT_EQ(numbers_of(back), expected) << bits;
            }
            EXPECT_EQ(read(write_by(image, OutputFormat::kPng, 2), UINT64_MAX).pixels, image.pixels);
            placed(image, OutputFormat::kPnm, {"png:tRNS (transparency)"});
        }
}

}  // namespace
}  // namespace image_io
