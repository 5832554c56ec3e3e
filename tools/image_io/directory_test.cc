// Exif blocks, taken apart and made, and palettes of every format.
#include "image_io/directory.h"

#include <gtest/gtest.h>

#include <cstring>

#include "image_io/indexed.h"
#include "image_io/test_kinds.h"
#include "image_io/translate.h"

namespace image_io {
namespace {

using Bytes = std::vector<uint8_t>;

ExifBlock example(bool big_endian) {
    ExifBlock block;
    block.big_endian = big_endian;
    block.main.set(Field::bytes(271, kAscii, as_bytes(std::string("A maker\0", 8))));
    block.main.set(Field::number(tag::kOrientation, kShort, 6));
    block.main.set(Field::rational(tag::kXResolution, 300, 7));
    block.main.below[tag::kExif].set(Field::bytes(37500, kUndefined, Bytes{1, 2, 3, 4, 5, 6, 7}));
    block.main.below[tag::kExif].below[tag::kInteroperability].set(Field::bytes(1, kAscii, as_bytes("R98")));
    block.main.below[tag::kGps].set(Field::shorts(9, std::vector<uint16_t>{1, 2, 0x1234}));
    block.has_next = true;
    block.thumbnail = Thumbnail{{}, Bytes(101, 0xd8)};
    block.thumbnail->directory.set(Field::number(tag::kCompression, kShort, 6));
    return block;
}

void expect_equal(const Directory& a, const Directory& b) {
    ASSERT_EQ(a.fields.size(), b.fields.size());
    for (const auto& [tag, field] : a.fields) {
        const Field& other = b.fields.at(tag);
        EXPECT_EQ(field.type, other.type);
        EXPECT_EQ(field.count, other.count);
        EXPECT_EQ(field.values, other.values) << tag;
    }
    ASSERT_EQ(a.below.size(), b.below.size());
    for (const auto& [tag, below] : a.below) expect_equal(below, b.below.at(tag));
}

TEST(Exif, IsMadeAndTakenApartInBothByteOrders) {
    for (const bool big_endian : {false, true}) {
        const ExifBlock block = example(big_endian);
        const Bytes bytes = make_exif(block);
        EXPECT_EQ(bytes[0], big_endian ? 'M' : 'I');
        const auto parsed = parse_exif(bytes);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->big_endian, big_endian);
        expect_equal(parsed->main, block.main);
        ASSERT_TRUE(parsed->thumbnail);
        expect_equal(parsed->thumbnail->directory, block.thumbnail->directory);
        EXPECT_EQ(parsed->thumbnail->jpeg, block.thumbnail->jpeg);
        EXPECT_EQ(make_exif(*parsed), bytes);
        // What of it is a word or two bytes lies on even places.
        EXPECT_EQ(parsed->main.fields.at(tag::kXResolution).values, (Bytes{44, 1, 0, 0, 7, 0, 0, 0}));
    }
}

TEST(Exif, OrientationIsAddedOnceAndNothingElseChanges) {
    ExifBlock block = example(true);
    EXPECT_EQ(with_orientation(make_exif(block), 3), make_exif(block)) << "it has one";
    block.main.fields.erase(tag::kOrientation);
    const auto changed = parse_exif(with_orientation(make_exif(block), 3));
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->main.fields.at(tag::kOrientation).first(), 3u);
    block.main.set(Field::number(tag::kOrientation, kShort, 3));
    expect_equal(changed->main, block.main);
    EXPECT_EQ(changed->thumbnail->jpeg, block.thumbnail->jpeg);
    EXPECT_EQ(with_orientation(Bytes(20, 1), 3), Bytes(20, 1)) << "no Exif block";
}

TEST(Exif, DamageIsFound) {
    const Bytes bytes = make_exif(example(false));
    for (size_t size = 0; size < bytes.size() - 4; ++size) {  // the last link may lack
        const auto parsed = parse_exif(std::span(bytes).first(size));
        EXPECT_TRUE(!parsed || !parsed->thumbnail) << size;
    }
    uint32_t noise = 1;
    for (int i = 0; i < 20000; ++i) {
        Bytes damaged = bytes;
        for (int change = 0; change < 3; ++change) {
            noise = noise * 1664525 + 1013904223;
            damaged[noise / 256 % damaged.size()] = static_cast<uint8_t>(noise >> 3);
        }
        if (const auto parsed = parse_exif(damaged)) {
            size_t size = 0;
            for (const auto& [tag, field] : parsed->main.fields) size += field.values.size();
            EXPECT_LE(size, damaged.size());
        }
    }
}

// Each directory within another, and fields that all take the same bytes: neither may cost more than the block.
TEST(Exif, NestingAndOverlapsAreBounded) {
    Bytes deep = {'I', 'I', '*', 0, 8, 0, 0, 0};
    for (uint32_t i = 0; i < 5000; ++i) {
        put_little(deep, 1, 2);
        put_little(deep, tag::kExif, 2);
        put_little(deep, kLong, 2);
        put_little(deep, 1, 4);
        put_little(deep, deep.size() + 8, 4);
        put_little(deep, 0, 4);
    }
    EXPECT_FALSE(parse_exif(deep));
    Bytes wide = {'I', 'I', '*', 0, 8, 0, 0, 0};
    put_little(wide, 60000, 2);
    for (uint32_t i = 0; i < 60000; ++i) {
        put_little(wide, i, 2);
        put_little(wide, kUndefined, 2);
        put_little(wide, 700000, 4);
        put_little(wide, 8, 4);
    }
    put_little(wide, 0, 4);
    EXPECT_FALSE(parse_exif(wide));
}

Image two_colours(std::initializer_list<uint8_t> first, std::initializer_list<uint8_t> second, bool alpha) {
    Image image;
    image.set_size(2, 1);
    image.set_kind(Colour::kRgb, alpha, 8);
    image.pixels.assign(first);
    image.pixels.insert(image.pixels.end(), second);
    return image;
}

std::vector<uint16_t> indices_of(const Image& image) {
    const IndexedColours palette = palette_of(image);
    EXPECT_TRUE(palette);
    IndexMap map(image, palette);
    const auto row = map.row(image.pixels.data());
    return {row.begin(), row.end()};
}

TEST(Indexed, GifWithATransparentColour) {
    Image image = two_colours({7, 8, 9, 0}, {4, 5, 6, 255}, true);
    image.add("gif:F9", Bytes{4, 1, 0, 0, 2});
    image.add("gif:palette", Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 5, 6});
    image.add("gif:frame", Bytes{0, 0, 0, 0, 2, 0, 1, 0, 0});
    EXPECT_EQ(indices_of(image), (std::vector<uint16_t>{2, 1}));
    EXPECT_EQ(png_opacity(palette_of(image)), (Bytes{255, 255, 0}));
    EXPECT_TRUE(place(image, OutputFormat::kPng).left_out.empty());
    EXPECT_EQ(place(image, OutputFormat::kTiff).left_out.size(), 1u) << "a TIFF's palette has no alpha";
    // A frame that leaves a part of the screen free: what is there has no colour of the palette.
    image.metadata[2].bytes[4] = 1;
    EXPECT_FALSE(palette_of(image));
}

TEST(Indexed, BmpWithBlueFirst) {
    Image image = two_colours({3, 2, 1}, {0, 0, 0}, false);
    Bytes header(54);
    header[14] = 40;
    image.add("bmp:header", header);
    image.add("bmp:palette", Bytes{9, 9, 9, 0, 1, 2, 3, 0});
    // Black is a number beyond the palette.
    EXPECT_EQ(indices_of(image), (std::vector<uint16_t>{1, 2}));
    EXPECT_TRUE(place(image, OutputFormat::kTiff).left_out.empty());
}

TEST(Indexed, TiffOfSmallNumbers) {
    Image image = two_colours({10, 20, 30}, {11, 21, 31}, false);
    add_field(image, Field::shorts(tag::kPalette, std::vector<uint16_t>{11, 10, 21, 20, 31, 30}));
    EXPECT_EQ(indices_of(image), (std::vector<uint16_t>{1, 0}));
    image.metadata.clear();
    add_field(image, Field::shorts(tag::kPalette, std::vector<uint16_t>{11 << 8, 10 << 8, 21 << 8, 20 << 8,
                                                                        31 << 8, 30 << 8}));
    EXPECT_EQ(indices_of(image), (std::vector<uint16_t>{1, 0}));
}

}  // namespace
}  // namespace image_io
