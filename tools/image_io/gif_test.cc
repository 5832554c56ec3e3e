#include <gif_lib.h>

#include "image_io/test_files.h"

namespace image_io {
namespace {

struct Kind {
    int screen_width = 20, screen_height = 10;
    int left = 0, top = 0, width = 20, height = 10;
    bool interlaced = false;
    int transparent = -1;
    int frames = 1;
};

const GifColorType kColours[4] = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {10, 11, 12}};

Bytes numbers_of(const Kind& kind) { return noise(static_cast<size_t>(kind.width * kind.height), 2); }

Bytes make_gif(const Kind& kind) {
    Bytes file;
    const auto write = [](GifFileType* gif, const GifByteType* data, int size) {
        auto& bytes = *static_cast<Bytes*>(gif->UserData);
        bytes.insert(bytes.end(), data, data + size);
        return size;
    };
    GifFileType* gif = EGifOpen(&file, write, nullptr);
    EGifSetGifVersion(gif, true);
    ColorMapObject* map = GifMakeMapObject(4, kColours);
    EGifPutScreenDesc(gif, kind.screen_width, kind.screen_height, 2, 0, map);
    const Bytes numbers = numbers_of(kind);
    for (int frame = 0; frame < kind.frames; ++frame) {
        EGifPutComment(gif, "first");
        if (kind.transparent >= 0) {
            const GraphicsControlBlock control = {0, false, 0, kind.transparent};
            GifByteType bytes[4];
            EGifGCBToExtension(&control, bytes);
            EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, bytes);
        }
        EGifPutImageDesc(gif, kind.left, kind.top, kind.width, kind.height, kind.interlaced, nullptr);
        const auto put_row = [&](int y) {
            Bytes row(numbers.begin() + y * kind.width, numbers.begin() + (y + 1) * kind.width);
            EGifPutLine(gif, row.data(), kind.width);
        };
        constexpr int kFirst[] = {0, 4, 2, 1}, kStep[] = {8, 8, 4, 2};
        if (kind.interlaced)
            for (int pass = 0; pass < 4; ++pass)
                for (int y = kFirst[pass]; y < kind.height; y += kStep[pass]) put_row(y);
        else
            for (int y = 0; y < kind.height; ++y) put_row(y);
    }
    EGifPutComment(gif, "last");
    GifFreeMapObject(map);
    EGifCloseFile(gif, nullptr);
    return file;
}

Bytes expected_pixels(const Kind& kind, bool alpha) {
    Bytes pixels;
    const Bytes numbers = numbers_of(kind);
    for (int y = 0; y < kind.screen_height; ++y)
        for (int x = 0; x < kind.screen_width; ++x) {
            const int u = x - kind.left, v = y - kind.top;
            const bool in_frame = u >= 0 && u < kind.width && v >= 0 && v < kind.height;
            const int number = in_frame ? numbers[static_cast<size_t>(v * kind.width + u)] : 0;
            const GifColorType colour = in_frame ? kColours[number] : GifColorType{0, 0, 0};
            pixels.insert(pixels.end(), {colour.Red, colour.Green, colour.Blue});
            if (alpha) pixels.push_back(in_frame && number != kind.transparent ? 255 : 0);
        }
    return pixels;
}

TEST(Gif, PixelsOfAllKinds) {
    for (const bool interlaced : {false, true}) {
        Kind kind;
        kind.interlaced = interlaced;
        const Image image = read_all(make_gif(kind));
        EXPECT_FALSE(image.alpha);
        EXPECT_EQ(image.pixels, expected_pixels(kind, false));
        EXPECT_TRUE(image.notes.empty());
        kind.transparent = 2;
        EXPECT_EQ(read_all(make_gif(kind)).pixels, expected_pixels(kind, true));
        kind.left = 3, kind.top = 4, kind.width = 9, kind.height = 5;
        const Image part = read_all(make_gif(kind));
        EXPECT_EQ(part.pixels, expected_pixels(kind, true));
        EXPECT_EQ(part.notes.size(), 1u);
    }
}

TEST(Gif, WhatStandsBesideThePixels) {
    Bytes file = make_gif({});
    const Image image = read_all(joined({file, bytes_of("behind")}));
    EXPECT_EQ(text_of(image.find("gif:FE")), "\5first");
    EXPECT_EQ(text_of(image.find("gif-end:FE")), "\4last");
    EXPECT_EQ(text_of(image.find("gif:palette")), std::string("\1\2\3\4\5\6\7\x8\x9\xa\xb\xc"));
    EXPECT_EQ(image.find("gif:screen").size(), 7u);
    EXPECT_EQ(image.find("gif:frame").size(), 9u);
    EXPECT_EQ(text_of(image.find("gif:trailing")), "behind");

    std::string trailer = "\1";  // what leads a reader of blocks behind an XMP packet
    for (int i = 255; i >= 0; --i) trailer += static_cast<char>(i);
    const std::string profile(
        "\x21\xff\x0bICCRGBG1012\x03pro\x04"
        "file\0",
        24);
    const std::string xmp = "\x21\xff\x0bXMP DataXMP<x/>" + trailer + std::string(1, '\0');
    constexpr ptrdiff_t kBehindScreen = 13 + 12;
    for (const std::string& block : {xmp, profile})
        file.insert(file.begin() + kBehindScreen, block.begin(), block.end());
    const Image known = read_all(file);
    EXPECT_EQ(text_of(known.find("icc")), "profile");
    EXPECT_EQ(text_of(known.find("xmp")), "<x/>");
    EXPECT_FALSE(known.has("gif:FF"));
}

// The screen of an animation is 4 x 1; each frame has one row at its left end.
struct Frame {
    int left = 0, width = 4;
    Bytes numbers;
    int transparent = -1, disposal = 0;
};

Bytes make_animation(const std::vector<Frame>& frames) {
    Bytes file;
    const auto write = [](GifFileType* gif, const GifByteType* data, int size) {
        auto& bytes = *static_cast<Bytes*>(gif->UserData);
        bytes.insert(bytes.end(), data, data + size);
        return size;
    };
    GifFileType* gif = EGifOpen(&file, write, nullptr);
    EGifSetGifVersion(gif, true);
    ColorMapObject* map = GifMakeMapObject(4, kColours);
    EGifPutScreenDesc(gif, 4, 1, 2, 0, map);
    for (const Frame& frame : frames) {
        const GraphicsControlBlock control = {frame.disposal, false, 5, frame.transparent};
        GifByteType bytes[4];
        EGifGCBToExtension(&control, bytes);
        EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, bytes);
        EGifPutImageDesc(gif, frame.left, 0, frame.width, 1, false, nullptr);
        Bytes numbers = frame.numbers;
        EGifPutLine(gif, numbers.data(), frame.width);
    }
    EGifPutComment(gif, "last");
    GifFreeMapObject(map);
    EGifCloseFile(gif, nullptr);
    return file;
}

// Red of each pixel, 0 where it is transparent.
Bytes shown(const Bytes& file, uint32_t page) {
    ReadOptions options;
    options.page = page;
    const Image image = read_all(file, options);
    Bytes reds;
    for (size_t i = 0; i < image.pixels.size(); i += image.channels())
        reds.push_back(image.alpha && image.pixels[i + 3] == 0 ? 0 : image.pixels[i]);
    return reds;
}

TEST(Gif, PagesOfAnAnimationAreAsShown) {
    const Bytes file = make_animation({{0, 4, {0, 1, 2, 3}},
                                       {1, 2, {3, 0}, 0, 2},  // its second pixel shows what is below
                                       {3, 1, {0}, -1, 3},    // taken away again
                                       {0, 1, {1}}});
    EXPECT_EQ(shown(file, 1), (Bytes{1, 4, 7, 10}));
    EXPECT_EQ(shown(file, 2), (Bytes{1, 10, 7, 10}));
    EXPECT_EQ(shown(file, 3), (Bytes{1, 0, 0, 1}));
    EXPECT_EQ(shown(file, 4), (Bytes{4, 0, 0, 10}));
    ReadOptions options;
    options.page = 1;
    const Image image = read_all(file, options);
    EXPECT_FALSE(image.alpha);
    EXPECT_EQ(image.lost, (std::vector<std::string>{"the other 3 pictures of the animation"}));
    EXPECT_TRUE(image.has("gif-end:FE"));
    options.page = 5;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kUnsupported);
}

// Behind the screen's descriptor: a frame of 3 x 1 with that size of code, and those blocks.
Bytes with_code(int size, const Bytes& blocks, bool palette = true) {
    const Bytes screen = joined({bytes_of("GIF89a"), little_endian(3, 2), little_endian(1, 2),
                                 Bytes{static_cast<uint8_t>(palette ? 0x81 : 0), 0, 0},
                                 palette ? Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} : Bytes()});
    return joined({screen, bytes_of(","), little_endian(0, 4), little_endian(3, 2), little_endian(1, 2),
                   Bytes{0, static_cast<uint8_t>(size)}, blocks});
}

TEST(Gif, OddCodes) {
    // Clear, 1, then twice the string that the code itself makes: 1 1 (of which one is needed).
    const Bytes codes_2 = {2, 0x8c, 0x0b, 0, ';'};  // 4, 1, 6, 5 with 3 bits each
    const Image image = read_all(with_code(2, codes_2));
    EXPECT_EQ(image.pixels, (Bytes{4, 5, 6, 4, 5, 6, 4, 5, 6}));
    EXPECT_TRUE(image.notes.empty());
    // Larger codes than the format allows, as some programs write: 2048, 1, 2, 3 with 12 bits each.
    const Bytes wide = {6, 0x00, 0x18, 0x00, 0x02, 0x30, 0x00, 0, ';'};
    EXPECT_EQ(read_all(with_code(11, wide)).pixels, (Bytes{4, 5, 6, 7, 8, 9, 10, 11, 12}));
    // The file ends within a block, behind all pixels: with a note.
    Bytes cut = codes_2;
    cut[0] = 200;
    cut.resize(3);
    EXPECT_EQ(read_all(with_code(2, cut)).notes.size(), 1u);
    // Without any palette.
    EXPECT_EQ(read_all(with_code(2, codes_2, false)).pixels, Bytes(9, 1));
    for (const Bytes& bad : {Bytes{2, 0xcc, 0x0b, 0, ';'},   // 4, 1, 7: not yet known
                             Bytes{2, 0x34, 0x0b, 0, ';'},   // 4, 6: nor here
                             Bytes{1, 0x0c, 0, ';'},         // too few
                             Bytes{2, 0x6c, 0x0b, 0, ';'}})  // 4, 5: the end
        EXPECT_EQ(refusal_of(with_code(2, bad)).failure, Failure::kDamaged);
    for (const int size : {0, 12}) EXPECT_EQ(refusal_of(with_code(size, codes_2)).failure, Failure::kDamaged);
}

TEST(Gif, AnimationsAndDamage) {
    Kind kind;
    kind.frames = 3;
    const Refusal refusal = refusal_of(make_gif(kind));
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("animated GIF of 3 pictures; choose one with --page 1 to --page 3"),
              std::string::npos);
    const Bytes file = make_gif({});
    EXPECT_EQ(read_all(std::span(file).first(file.size() - 1)).notes.size(), 1u);
    for (const size_t size : {size_t{6}, size_t{20}, size_t{50}, file.size() - 30})
        EXPECT_EQ(refusal_of(std::span(file).first(size)).failure, Failure::kDamaged) << size;
    ReadOptions options;
    options.max_bytes = 150;
    kind = {};
    kind.interlaced = true;
    EXPECT_EQ(refusal_of(make_gif(kind), options).failure, Failure::kMemory);
    Bytes huge = make_gif({});
    const auto frame = std::find(huge.begin() + 25, huge.end(), ',');
    for (int i = 5; i < 9; ++i) frame[i] = 0xff;
    EXPECT_EQ(refusal_of(huge).failure, Failure::kDamaged);
}

}  // namespace
}  // namespace image_io
