#include "image_io/test_files.h"

namespace image_io {
namespace {

struct Kind {
    int32_t width = 3, height = 2;
    uint32_t bits = 24, compression = 0;
    uint32_t header = 40;  // bytes
    Bytes masks = {};      // behind the 40 bytes that all have
    Bytes palette = {};
    Bytes gap = {};
};

Bytes make_bmp(const Kind& kind, const Bytes& pixels) {
    Bytes info;
    if (kind.header == 12) {
        info = joined({little_endian(12, 4), little_endian(static_cast<uint32_t>(kind.width), 2),
                       little_endian(static_cast<uint32_t>(kind.height), 2), little_endian(1, 2),
                       little_endian(kind.bits, 2)});
    } else {
        const uint32_t colours = static_cast<uint32_t>(kind.palette.size() / 4);
        info = joined({little_endian(kind.header, 4), little_endian(static_cast<uint32_t>(kind.width), 4),
                       little_endian(static_cast<uint32_t>(kind.height), 4), little_endian(1, 2),
                       little_endian(kind.bits, 2), little_endian(kind.compression, 4), little_endian(0, 4),
                       little_endian(2835, 4), little_endian(2835, 4), little_endian(colours, 4),
                       little_endian(0, 4), kind.masks});
        info.resize(std::max<size_t>(info.size(), kind.header));
    }
    const size_t offset = 14 + info.size() + kind.palette.size() + kind.gap.size();
    return joined({bytes_of("BM"), little_endian(offset + pixels.size(), 4), little_endian(0, 4),
                   little_endian(offset, 4), info, kind.palette, kind.gap, pixels});
}

Bytes masks_of(std::initializer_list<uint32_t> masks) {
    Bytes bytes;
    for (const uint32_t mask : masks) bytes = joined({bytes, little_endian(mask, 4)});
    return bytes;
}

TEST(Bmp, ColoursOf24BitsInBothOrders) {
    const Bytes bottom = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0},
                top = {11, 12, 13, 14, 15, 16, 17, 18, 19, 0, 0, 0};
    const Bytes expected = {13, 12, 11, 16, 15, 14, 19, 18, 17, 3, 2, 1, 6, 5, 4, 9, 8, 7};
    Kind kind;
    const Image image = read_all(make_bmp(kind, joined({bottom, top})));
    EXPECT_EQ(image.pixels, expected);
    EXPECT_EQ(image.find("bmp:header").size(), 54u);
    EXPECT_EQ(image.metadata.size(), 1u);
    kind.header = 12;
    EXPECT_EQ(read_all(make_bmp(kind, joined({bottom, top}))).pixels, expected);
    kind.header = 124, kind.height = -2;
    EXPECT_EQ(read_all(make_bmp(kind, joined({top, bottom}))).pixels, expected);
}

TEST(Bmp, PalettesOfAllSizes) {
    Kind kind;
    kind.height = 1;
    kind.palette = {3, 2, 1, 0, 6, 5, 4, 0};
    const Bytes expected = {4, 5, 6, 1, 2, 3, 4, 5, 6};
    const std::pair<uint32_t, Bytes> rows[] = {
        {1, {0xa0, 0, 0, 0}}, {2, {0x44, 0, 0, 0}}, {4, {0x10, 0x10, 0, 0}}, {8, {1, 0, 1, 0}}};
    for (const auto& [bits, row] : rows) {
        kind.bits = bits;
        const Image image = read_all(make_bmp(kind, row));
        EXPECT_EQ(image.pixels, expected) << bits;
        EXPECT_EQ(text_of(image.find("bmp:palette")), text_of(kind.palette));
    }
    // A number that has no colour.
    EXPECT_EQ(read_all(make_bmp(kind, {1, 0, 9, 0})).pixels, Bytes({4, 5, 6, 1, 2, 3, 0, 0, 0}));
}

TEST(Bmp, AllGreysInOrderAreAGreyPicture) {
    for (const uint32_t bits : {1U, 4U, 8U}) {
        Kind kind;
        kind.height = 1, kind.bits = bits;
        for (uint32_t i = 0; i < 1U << bits; ++i) {
            const auto grey = static_cast<uint8_t>(i * 255 / ((1U << bits) - 1));
            kind.palette = joined({kind.palette, Bytes{grey, grey, grey, 0}});
        }
        const Bytes row = bits == 1   ? Bytes{0xa0, 0, 0, 0}
                          : bits == 4 ? Bytes{0x1f, 0x30, 0, 0}
                                      : Bytes{200, 5, 9, 0};
        const Image image = read_all(make_bmp(kind, row));
        EXPECT_EQ(image.colour, Colour::kGrey);
        EXPECT_EQ(image.bits, bits);
        EXPECT_EQ(image.pixels, bits == 1   ? Bytes({1, 0, 1})
                                : bits == 4 ? Bytes({1, 15, 3})
                                            : Bytes({200, 5, 9}));
    }
}

TEST(Bmp, MasksOf16And32Bits) {
    Kind kind;
    kind.width = 2, kind.height = 1, kind.bits = 16;
    // 5, 5 and 5 bits; the highest is not used.
    const Image five = read_all(make_bmp(kind, {0xff, 0x7f, 0x01, 0x04}));
    EXPECT_EQ(five.pixels, Bytes({255, 255, 255, 8, 0, 8}));
    EXPECT_EQ(five.notes.size(), 1u);
    EXPECT_TRUE(five.lost.empty());
    EXPECT_EQ(read_all(make_bmp(kind, {0xff, 0xff, 0x01, 0x04})).lost.size(), 1u);
    kind.compression = 3, kind.masks = masks_of({0xf800, 0x7e0, 0x1f});
    const Image six = read_all(make_bmp(kind, {0xff, 0xff, 0x20, 0x08}));
    EXPECT_EQ(six.pixels, Bytes({255, 255, 255, 8, 4, 0}));
    EXPECT_EQ(six.find("bmp:header").size(), 66u);

    kind.bits = 32, kind.compression = 0, kind.masks.clear();
    EXPECT_EQ(read_all(make_bmp(kind, {1, 2, 3, 0, 4, 5, 6, 0})).pixels, Bytes({3, 2, 1, 6, 5, 4}));
    const Image fourth = read_all(make_bmp(kind, {1, 2, 3, 0, 4, 5, 6, 7}));
    EXPECT_TRUE(fourth.alpha);
    EXPECT_EQ(fourth.pixels, Bytes({3, 2, 1, 0, 6, 5, 4, 7}));
    kind.compression = 3, kind.header = 108, kind.masks = masks_of({0xff, 0xff00, 0xff0000, 0xff000000});
    EXPECT_EQ(read_all(make_bmp(kind, {1, 2, 3, 4, 5, 6, 7, 8})).pixels, Bytes({1, 2, 3, 4, 5, 6, 7, 8}));
    kind.masks = masks_of({0x3ff, 0xffc00, 0x3ff00000, 0});
    const Image ten = read_all(make_bmp(kind, {0xff, 0x03, 0, 0, 1, 0, 0, 0}));
    EXPECT_EQ(ten.bits, 10u);
    EXPECT_EQ(text_of(ten.pixels), std::string("\xff\3\0\0\0\0\1\0\0\0\0\0", 12));
}

TEST(Bmp, RunLengths) {
    Kind kind;
    kind.width = 4, kind.height = 3, kind.bits = 8, kind.compression = 1;
    for (uint8_t i = 0; i < 4; ++i) kind.palette = joined({kind.palette, Bytes{i, i, uint8_t(i + 100), 0}});
    const auto numbers = [](const Image& image) {
        Bytes all;
        for (size_t i = 1; i < image.pixels.size(); i += 3) all.push_back(image.pixels[i]);
        return all;
    };
    // A run, a row's end, single ones (with one to fill up), a step, a run, the end.
    const Bytes eight = {4, 1, 0, 0, 0, 3, 1, 2, 3, 0, 0, 2, 0, 1, 1, 2, 0, 1};
    EXPECT_EQ(numbers(read_all(make_bmp(kind, eight))), Bytes({0, 0, 0, 2, 1, 2, 3, 0, 1, 1, 1, 1}));
    kind.bits = 4, kind.compression = 2;
    const Bytes four = {4, 0x12, 0, 0, 0, 3, 0x12, 0x30, 0, 1};
    const Image image = read_all(joined({make_bmp(kind, four), bytes_of("more")}));
    EXPECT_EQ(numbers(image), Bytes({0, 0, 0, 0, 1, 2, 3, 0, 1, 2, 1, 2}));
    EXPECT_EQ(text_of(image.find("bmp:trailing")), "more");
    EXPECT_EQ(refusal_of(make_bmp(kind, {4, 0x12, 0, 0})).failure, Failure::kDamaged);
    EXPECT_EQ(refusal_of(make_bmp(kind, {0, 2, 0, 9, 1, 0x10, 0, 1})).failure, Failure::kDamaged);
    kind.width = kind.height = 30000;
    ReadOptions options;
    options.max_bytes = 1 << 20;
    EXPECT_EQ(refusal_of(make_bmp(kind, four), options).failure, Failure::kMemory);
}

TEST(Bmp, WhatLiesBesideThePixels) {
    Kind kind;
    kind.width = kind.height = 1, kind.gap = bytes_of("gap!");
    const Image image = read_all(joined({make_bmp(kind, {1, 2, 3, 0}), bytes_of("behind")}));
    EXPECT_EQ(text_of(image.find("bmp:gap")), "gap!");
    EXPECT_EQ(text_of(image.find("bmp:trailing")), "behind");
    // A profile behind the pixels, as the fifth version has it.
    kind.gap.clear(), kind.header = 124;
    kind.masks =
        joined({Bytes(16, 0), bytes_of("DEBM"), Bytes(52, 0), little_endian(128, 4), little_endian(3, 4)});
    const Image profile = read_all(joined({make_bmp(kind, {1, 2, 3, 0}), bytes_of("icc")}));
    EXPECT_EQ(text_of(profile.find("icc")), "icc");
    EXPECT_FALSE(profile.has("bmp:trailing"));
}

// Four colours of eight before the pixels' beginning: the others are the pixels' own bytes.
TEST(Bmp, PaletteIntoWhichThePixelsReach) {
    Kind kind;
    kind.width = 2, kind.height = 1, kind.bits = 8;
    for (uint8_t i = 0; i < 12; ++i) kind.palette.push_back(i);
    Bytes file = make_bmp(kind, {1, 3, 0, 0, 9});
    file[46] = 4;  // colours, of which three are there
    const Image image = read_all(file);
    EXPECT_EQ(image.pixels, (Bytes{6, 5, 4, 0, 3, 1}));
    EXPECT_EQ(text_of(image.find("bmp:trailing")), "\x9");
}

TEST(Bmp, PicturesOfOtherFormatsInside) {
    Kind kind;
    kind.bits = 0, kind.compression = 5;
    const Bytes rgb = noise(4 * 4 * 3, 8);
    const Image png = read_all(make_bmp(kind, make_png({}, rgb)));
    EXPECT_EQ(png.pixels, rgb);
    EXPECT_TRUE(png.has("bmp:header"));
    EXPECT_EQ(png.notes.size(), 1u);
    kind.compression = 4;
    const Bytes jpeg = make_jpeg();
    EXPECT_EQ(read_all(make_bmp(kind, jpeg)).pixels, read_all(jpeg).pixels);
    EXPECT_EQ(refusal_of(make_bmp(kind, Bytes(24, 1))).failure, Failure::kDamaged);
    EXPECT_EQ(refusal_of(make_bmp(kind, {})).failure, Failure::kDamaged);
}

TEST(Bmp, DamageAndOtherKinds) {
    Kind kind;
    const Bytes file = make_bmp(kind, Bytes(24, 1));
    for (const size_t size : {size_t{2}, size_t{20}, size_t{60}, file.size() - 4})
        EXPECT_EQ(refusal_of(std::span(file).first(size)).failure, Failure::kDamaged) << size;
    kind.bits = 32, kind.compression = 3, kind.masks = masks_of({0xff, 0xff, 0xff00});
    EXPECT_EQ(refusal_of(make_bmp(kind, Bytes(24, 1))).failure, Failure::kDamaged);
    kind.width = kind.height = 0x7fffffff;
    kind.bits = 24, kind.compression = 0, kind.masks.clear();
    EXPECT_EQ(refusal_of(make_bmp(kind, Bytes(24, 1))).failure, Failure::kDamaged);
}

}  // namespace
}  // namespace image_io
