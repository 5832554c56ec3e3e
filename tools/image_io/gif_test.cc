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

TEST(Gif, AnimationsAndDamage) {
    Kind kind;
    kind.frames = 3;
    const Refusal refusal = refusal_of(make_gif(kind));
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("animated GIF of 3 pictures"), std::string::npos);
    const Bytes file = make_gif({});
    EXPECT_EQ(read_all(std::span(file).first(file.size() - 1)).notes.size(), 1u);
    for (const size_t size : {size_t{6}, size_t{20}, size_t{50}, file.size() - 20})
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
