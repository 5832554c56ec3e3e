// Compressed TIFF files, whose heads are written twice, read by libtiff.
#include <gtest/gtest.h>

#include <algorithm>

#include "image_io/test_files.h"
#include "image_io/test_kinds.h"

namespace image_io {
namespace {

// The writer's file, made `step` rows at a time.
Bytes write_compressed(const Image& image, uint32_t step) {
    Bytes file;
    int rewritten = 0;
    const auto writer = make_writer(
        place(image, OutputFormat::kTiff),
        [&](std::span<const uint8_t> part) { file.insert(file.end(), part.begin(), part.end()); },
        [&](std::span<const uint8_t> head) {
            ASSERT_LE(head.size(), file.size());
            std::ranges::copy(head, file.begin());
            ++rewritten;
        });
    for (uint32_t y = 0; y < image.height; y += step)
        writer->write(std::min(step, image.height - y), image.pixels.data() + y * image.row_bytes());
    EXPECT_EQ(rewritten, 1);
    return file;
}

// A number in the first directory of a little-endian file; 0: it has no such field.
uint32_t field_of(const Bytes& file, uint16_t tag) {
    const uint8_t* directory = file.data() + little32(&file[4]);
    for (uint32_t i = 0; i < little16(directory); ++i) {
        const uint8_t* entry = directory + 2 + 12 * i;
        if (little16(entry) == tag)
            return little16(entry + 2) == kShort ? little16(entry + 8) : little32(entry + 8);
    }
    return 0;
}

constexpr uint16_t kSoftware = 305;  // by which a picture is known for one of a TIFF, whose depths are kept

// Slopes, as differences make them small.
Image slopes(uint32_t width, uint32_t height, Colour colour, bool alpha, uint32_t bits) {
    Image image = make_image(width, height, colour, alpha, bits);
    const uint32_t channels = image.channels();
    for (size_t i = 0; i < image.pixels.size() / image.sample_bytes(); ++i) {
        const size_t x = i / channels % width, y = i / channels / width;
        const auto value = static_cast<uint16_t>((x * 5 + y * 3 + i % channels * 40) & ((1U << bits) - 1));
        if (bits > 8)
            std::copy_n(reinterpret_cast<const uint8_t*>(&value), 2, &image.pixels[2 * i]);
        else
            image.pixels[i] = static_cast<uint8_t>(value);
    }
    return image;
}

TEST(TiffStrips, EveryKindComesBack) {
    for (const Colour colour : {Colour::kGrey, Colour::kRgb, Colour::kCmyk})
        for (const bool alpha : {false, true})
            for (uint32_t bits = 1; bits <= 16; ++bits)
                for (const bool big_endian : {false, true}) {
                    Image image = slopes(57, 31, colour, alpha, bits);
                    add_field(image, Field::bytes(kSoftware, kAscii, as_bytes(std::string("me\0", 3))));
                    if (big_endian) {
                        ExifBlock exif;
                        exif.big_endian = true;
                        exif.main.below[tag::kExif].set(Field::number(34855, kShort, 800));
                        image.add("exif", make_exif(exif));
                    }
                    SCOPED_TRACE(std::to_string(bits) + (alpha ? " alpha" : "") + (big_endian ? " big" : ""));
                    const Bytes file = write_compressed(image, 4);
                    EXPECT_EQ(file, write_compressed(image, 31));
                    EXPECT_EQ(file[0], big_endian ? 'M' : 'I');
                    const Image back = read_all(file);
                    EXPECT_EQ(back.pixels, image.pixels);
                    EXPECT_EQ(back.bits, bits);
                    EXPECT_EQ(back.alpha, alpha);
                    EXPECT_FALSE(back.has("tiff:trailing"));
                    if (big_endian) continue;
                    EXPECT_EQ(field_of(file, tag::kCompression), 8u);
                    EXPECT_EQ(field_of(file, tag::kPredictor), bits == 8 || bits == 16 ? 2u : 0u);
                }
}

TEST(TiffStrips, DifferencesMakeSlopesSmall) {
    for (const uint32_t bits : {8u, 16u}) {
        const Image image = slopes(600, 400, Colour::kRgb, false, bits);
        const size_t plain = write(image, OutputFormat::kTiff).size();
        EXPECT_LT(write_compressed(image, 400).size(), plain / 50) << bits;
    }
}

TEST(TiffStrips, ManyStripsAndWhatFollowsThem) {
    Image image = make_image(100, 9000, Colour::kRgb, false, 8);  // noise: no strip shrinks
    add_field(image, Field::bytes(kSoftware, kAscii, as_bytes(std::string("me\0", 3))));
    image.add("tiff:trailing", as_bytes("rest of the file"));
    const Bytes file = write_compressed(image, 7);
    const Image back = read_all(file);
    EXPECT_EQ(back.pixels, image.pixels);
    EXPECT_EQ(as_text(back.find("tiff:trailing")), "rest of the file");
}

// Differences of colours' numbers say nothing.
TEST(TiffStrips, PalettesAndWideIntegersHaveNoDifferences) {
    Image image = make_image(8, 8, Colour::kRgb, false, 8);
    std::vector<uint16_t> map(3 * 256);
    for (size_t i = 0; i < map.size(); ++i) map[i] = static_cast<uint16_t>(i % 256 * 257);
    add_field(image, Field::shorts(tag::kPalette, map));
    for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i / 3 * 3);
    const Bytes file = write_compressed(image, 8);
    EXPECT_EQ(field_of(file, tag::kPhotometric), 3u);
    EXPECT_EQ(field_of(file, tag::kPredictor), 0u);
    EXPECT_EQ(read_all(file).pixels, image.pixels);

    Image wide = make_image(20, 10, Colour::kGrey, false, 16);
    add_field(wide, Field::number(tag::kBits, kShort, 32));
    const Bytes wide_file = write_compressed(wide, 3);
    EXPECT_EQ(field_of(wide_file, tag::kBits), 32u);
    EXPECT_EQ(field_of(wide_file, tag::kPredictor), 0u);
    EXPECT_EQ(read_all(wide_file).pixels, wide.pixels);
}

}  // namespace
}  // namespace image_io
