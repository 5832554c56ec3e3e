#include "image_io/test_files.h"

namespace image_io {
namespace {

Bytes make_qoi(uint32_t width, uint32_t height, uint8_t channels, const Bytes& codes, uint8_t space = 0) {
    return joined({bytes_of("qoif"), big_endian(width, 4), big_endian(height, 4), Bytes{channels, space},
                   codes, Bytes{0, 0, 0, 0, 0, 0, 0, 1}});
}

TEST(Qoi, EveryCode) {
    const Bytes codes = {
        0xfe,
        10,
        20,
        30,                          // a colour
        0x40 | 3 << 4 | 0 << 2 | 2,  // differences of 1, −2, 0: 11 18 30
        0x80 | 40,
        0x2c,      // green 8 more, red 2 − 8, blue 12 − 8 beside that: 13 26 42
        0xc0 | 1,  // twice more
        (10 * 3 + 20 * 5 + 30 * 7 + 255 * 11) % 64,  // the first again
        0xff,
        1,
        2,
        3,
        4,  // with alpha
        0xfe,
        250,
        0,
        1,                           // a colour, alpha as before
        0x40 | 3 << 4 | 1 << 2 | 1,  // 251 255 0: numbers go round
    };
    const Bytes expected = {10, 20,  30, 255, 11, 18,  30, 255, 13, 26, 42,  255, 13, 26, 42,  255, 13, 26,
                            42, 255, 10, 20,  30, 255, 1,  2,   3,  4,  250, 0,   1,  4,  251, 255, 0,  4};
    const Image rgba = read_all(make_qoi(3, 3, 4, codes, 1));
    EXPECT_TRUE(rgba.alpha);
    EXPECT_EQ(rgba.pixels, expected);
    EXPECT_EQ(metadata_of(rgba), (std::vector<Entry>{{"qoi:colorspace", "\1"}}));
    const Image rgb = read_all(make_qoi(3, 3, 3, codes));
    EXPECT_FALSE(rgb.alpha);
    Bytes colours;
    for (size_t i = 0; i < expected.size(); ++i)
        if (i % 4 != 3) colours.push_back(expected[i]);
    EXPECT_EQ(rgb.pixels, colours);
    EXPECT_TRUE(rgb.metadata.empty());
    EXPECT_TRUE(rgb.notes.empty());
}

TEST(Qoi, WhatFollowsAndDamage) {
    const Bytes file = make_qoi(2, 1, 3, {0xfe, 1, 2, 3, 0xc0});
    EXPECT_EQ(text_of(read_all(joined({file, bytes_of("more")})).find("qoi:trailing")), "more");
    EXPECT_EQ(read_all(std::span(file).first(file.size() - 8)).notes.size(), 1u);
    EXPECT_EQ(refusal_of(std::span(file).first(file.size() - 9)).failure, Failure::kDamaged);
    EXPECT_EQ(refusal_of(make_qoi(100000, 100000, 3, {})).failure, Failure::kDamaged);
    EXPECT_EQ(refusal_of(make_qoi(2, 1, 5, {})).failure, Failure::kDamaged);
}

}  // namespace
}  // namespace image_io
