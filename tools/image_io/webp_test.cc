#include <webp/decode.h>
#include <webp/encode.h>

#include "image_io/test_files.h"

namespace image_io {
namespace {

Bytes take(uint8_t* data, size_t size) {
    Bytes bytes(data, data + size);
    WebPFree(data);
    return bytes;
}

Bytes chunk(const std::string& type, const std::string& data) {
    return joined({bytes_of(type), little_endian(data.size(), 4), bytes_of(data), Bytes(data.size() % 2, 0)});
}

// The extended format around a picture of the simple one.
Bytes extended(const Bytes& simple, uint32_t width, uint32_t height, const Bytes& before, const Bytes& after,
               uint8_t flags = 0) {
    const Bytes head =
        joined({Bytes{flags, 0, 0, 0}, little_endian(width - 1, 3), little_endian(height - 1, 3)});
    const Bytes body = joined(
        {bytes_of("WEBP"), chunk("VP8X", text_of(head)), before, std::span(simple).subspan(12), after});
    return joined({bytes_of("RIFF"), little_endian(body.size(), 4), body});
}

TEST(Webp, LosslessWithAndWithoutAlpha) {
    uint8_t* data = nullptr;
    const Bytes rgb = noise(20 * 10 * 3, 8);
    size_t size = WebPEncodeLosslessRGB(rgb.data(), 20, 10, 60, &data);
    const Bytes file = take(data, size);
    const Image image = read_all(file);
    EXPECT_FALSE(image.alpha);
    EXPECT_EQ(image.pixels, rgb);
    EXPECT_TRUE(image.metadata.empty());
    EXPECT_EQ(refusal_of(std::span(file).first(file.size() / 2)).failure, Failure::kDamaged);
    ReadOptions options;
    options.max_bytes = file.size() + rgb.size() - 1;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kMemory);

    // Colours under transparency are kept.
    Bytes rgba = noise(20 * 10 * 4, 8);
    for (size_t i = 3; i < 400; i += 4) rgba[i] = 0;
    WebPConfig config;
    WebPConfigInit(&config);
    config.lossless = config.exact = 1;
    WebPPicture picture;
    WebPPictureInit(&picture);
    picture.use_argb = 1, picture.width = 20, picture.height = 10;
    WebPMemoryWriter writer;
    WebPMemoryWriterInit(&writer);
    picture.writer = WebPMemoryWrite, picture.custom_ptr = &writer;
    WebPPictureImportRGBA(&picture, rgba.data(), 80);
    ASSERT_TRUE(WebPEncode(&config, &picture));
    const Image clear = read_all(std::span<const uint8_t>(writer.mem, writer.size));
    EXPECT_TRUE(clear.alpha);
    EXPECT_EQ(clear.pixels, rgba);
    WebPPictureFree(&picture);
    WebPMemoryWriterClear(&writer);
}

TEST(Webp, LossyIsWhatTheLibraryMakesOfIt) {
    uint8_t* data = nullptr;
    const Bytes rgba = noise(33 * 21 * 4, 8);
    const size_t size = WebPEncodeRGBA(rgba.data(), 33, 21, 33 * 4, 80, &data);
    const Bytes file = take(data, size);
    int width = 0, height = 0;
    uint8_t* pixels = WebPDecodeRGBA(file.data(), file.size(), &width, &height);
    EXPECT_EQ(read_all(file).pixels, take(pixels, rgba.size()));
}

TEST(Webp, EveryChunkAndBytesBehindThem) {
    uint8_t* data = nullptr;
    const Bytes rgb(20 * 10 * 3, 4);
    const size_t size = WebPEncodeLosslessRGB(rgb.data(), 20, 10, 60, &data);
    const Bytes simple = take(data, size);
    const std::string exif("II*\0\x08\0\0\0\0", 9);
    const Bytes file = extended(
        simple, 20, 10, joined({chunk("ICCP", "icc"), chunk("ABC\x1b", "d")}),
        joined({chunk("EXIF", exif), chunk("XMP ", "<x/>"), chunk("EXIF", "two"), chunk("none", "")}), 0x2c);
    const Image image = read_all(joined({file, bytes_of("behind")}));
    EXPECT_EQ(image.pixels, rgb);
    EXPECT_EQ(metadata_of(image), (std::vector<Entry>{{"icc", "icc"},
                                                      {"webp:ABC%1B", "d"},
                                                      {"exif", exif},
                                                      {"xmp", "<x/>"},
                                                      {"webp:EXIF", "two"},
                                                      {"webp:none-empty", std::string(1, '\0')},
                                                      {"webp:trailing", "behind"}}));
    const Image marked =
        read_all(extended(simple, 20, 10, {}, chunk("EXIF", std::string("Exif\0\0", 6) + exif), 8));
    EXPECT_EQ(text_of(marked.find("exif")), exif);
    EXPECT_EQ(marked.notes.size(), 1u);
}

TEST(Webp, AnimationsAreRefusedByName) {
    uint8_t* data = nullptr;
    const Bytes first(20 * 10 * 3, 4), second(20 * 10 * 3, 5);
    const auto frame = [&](const Bytes& rgb) {
        const size_t size = WebPEncodeLosslessRGB(rgb.data(), 20, 10, 60, &data);
        const Bytes simple = take(data, size);
        return text_of(
            joined({little_endian(0, 3), little_endian(0, 3), little_endian(19, 3), little_endian(9, 3),
                    little_endian(100, 3), Bytes{0}, std::span(simple).subspan(12)}));
    };
    const Bytes body = joined(
        {bytes_of("WEBP"),
         chunk("VP8X", text_of(joined({Bytes{2, 0, 0, 0}, little_endian(19, 3), little_endian(9, 3)}))),
         chunk("ANIM", std::string(6, '\0')), chunk("ANMF", frame(first)), chunk("ANMF", frame(second))});
    const Bytes file = joined({bytes_of("RIFF"), little_endian(body.size(), 4), body});
    const Refusal refusal = refusal_of(file);
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("animated WebP of 2 pictures; choose one with --page 1 to --page 2"),
              std::string::npos)
        << refusal.message;
    ReadOptions options;
    options.page = 2;
    const Image page = read_all(file, options);
    EXPECT_EQ(page.pixels, second);
    EXPECT_FALSE(page.alpha);
    EXPECT_EQ(page.lost, (std::vector<std::string>{"the other 1 picture of the animation"}));
    EXPECT_TRUE(page.metadata.empty());
    options.page = 3;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kUnsupported);
}

}  // namespace
}  // namespace image_io
