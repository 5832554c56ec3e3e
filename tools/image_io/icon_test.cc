#include "image_io/test_files.h"

namespace image_io {
namespace {

// An entry of the list, and the picture that it leads to.
struct IconPicture {
    int width = 4, height = 2;
    Bytes bytes;
};

Bytes make_icon(const std::vector<IconPicture>& pictures, int type = 1) {
    Bytes file = joined({little_endian(0, 2), little_endian(static_cast<uint64_t>(type), 2),
                         little_endian(pictures.size(), 2)});
    uint64_t at = 6 + 16 * pictures.size();
    for (const IconPicture& picture : pictures) {
        file = joined({file, Bytes{static_cast<uint8_t>(picture.width), static_cast<uint8_t>(picture.height)},
                       little_endian(0, 6), little_endian(picture.bytes.size(), 4), little_endian(at, 4)});
        at += picture.bytes.size();
    }
    for (const IconPicture& picture : pictures) file = joined({file, picture.bytes});
    return file;
}

// Rows from the last to the first, filled up to whole words, as are those of the mask.
IconPicture bitmap(int bits, const Bytes& palette, const Bytes& rows, const Bytes& mask) {
    return {
        4, 2,
        joined({little_endian(40, 4), little_endian(4, 4), little_endian(4, 4), little_endian(1, 2),
                little_endian(static_cast<uint64_t>(bits), 2), little_endian(0, 24), palette, rows, mask})};
}

const Bytes kMask = {0x40, 0, 0, 0, 0x80, 0, 0, 0};  // pixel 1 of the last row, pixel 0 of the first one

TEST(Icon, BitmapsTakeTheMaskAsAlpha) {
    Bytes palette(16 * 4, 0);
    for (size_t i = 0; i < palette.size(); ++i) palette[i] = static_cast<uint8_t>(i % 4 == 3 ? 0 : i * 3);
    const Bytes rows = {0x12, 0x34, 0, 0, 0x56, 0x78, 0, 0};
    const Image few = read_all(make_icon({bitmap(4, palette, rows, kMask)}));
    EXPECT_EQ(few.width, 4u);
    EXPECT_EQ(few.height, 2u);
    ASSERT_TRUE(few.alpha);
    Bytes expected;
    for (const int number : {5, 6, 7, 8, 1, 2, 3, 4}) {
        const auto n = static_cast<size_t>(number);
        for (const size_t c : {2u, 1u, 0u}) expected.push_back(palette[4 * n + c]);
        expected.push_back(number == 5 || number == 2 ? 0 : 255);
    }
    EXPECT_EQ(few.pixels, expected);
    EXPECT_EQ(few.find("ico:entry").size(), 22u);
    EXPECT_TRUE(few.lost.empty());

    // With alpha of its own; the mask may say something else, and is kept.
    Bytes pixels;
    for (uint8_t i = 0; i < 32; ++i) pixels.push_back(i);
    const Image own = read_all(make_icon({bitmap(32, {}, pixels, kMask)}, 2));
    ASSERT_TRUE(own.alpha);
    EXPECT_EQ(Bytes(own.pixels.begin(), own.pixels.begin() + 4), (Bytes{18, 17, 16, 19}));
    EXPECT_EQ(text_of(own.find("ico:mask")), text_of(kMask));

    // A bit for each pixel: the same bit of alpha.
    const Image two = read_all(
        make_icon({bitmap(1, {0, 0, 0, 0, 255, 255, 255, 0}, {0x50, 0, 0, 0, 0xa0, 0, 0, 0}, kMask)}));
    EXPECT_EQ(two.colour, Colour::kGrey);
    EXPECT_EQ(two.bits, 1u);
    EXPECT_EQ(two.pixels, (Bytes{1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 1, 1}));
}

TEST(Icon, PagesAndWhatStandsBehind) {
    const Bytes rgb = noise(4 * 2 * 3, 8);
    const IconPicture png{4, 2, make_png({4, 2}, rgb)};
    const Image image = read_all(joined({make_icon({png}), bytes_of("behind")}));
    EXPECT_EQ(image.pixels, rgb);
    EXPECT_EQ(text_of(image.find("ico:trailing")), "behind");
    const IconPicture flat = bitmap(24, {}, Bytes(24, 9), Bytes(8, 0));
    const Bytes several = make_icon({flat, png});
    const Refusal refusal = refusal_of(several);
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("holds 2 pictures; choose one with --page 1 to --page 2"),
              std::string::npos);
    ReadOptions options;
    options.page = 1;
    const Image first = read_all(several, options);
    EXPECT_EQ(first.pixels[0], 9);
    EXPECT_EQ(first.lost.size(), 1u);
    options.page = 2;
    EXPECT_EQ(read_all(several, options).pixels, rgb);
    options.page = 3;
    EXPECT_EQ(refusal_of(several, options).failure, Failure::kUnsupported);
}

TEST(Icon, Damage) {
    const Bytes file = make_icon({bitmap(24, {}, Bytes(24, 9), kMask)});
    EXPECT_EQ(read_all(std::span(file).first(file.size() - 1)).notes.size(), 1u);  // the mask lacks
    for (const size_t size : {size_t{5}, size_t{20}, size_t{60}, file.size() - 9})
        EXPECT_EQ(refusal_of(std::span(file).first(size)).failure, Failure::kDamaged) << size;
    Bytes huge = file;
    for (int i = 0; i < 2; ++i) huge[26 + static_cast<size_t>(i)] = huge[30 + static_cast<size_t>(i)] = 0xff;
    EXPECT_EQ(refusal_of(huge).failure, Failure::kDamaged);
    ReadOptions options;
    options.max_bytes = 100;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kMemory);
}

}  // namespace
}  // namespace image_io
