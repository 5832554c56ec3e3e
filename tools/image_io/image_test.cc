#include <gtest/gtest.h>
#include <jpeglib.h>
#include <spng.h>
#include <tiffio.h>
#include <webp/encode.h>

#include <cstdio>  // before jpeglib.h, which needs it
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include "image_io/test_image.h"

namespace image_io {
namespace {

constexpr uint64_t kNoLimit = UINT64_MAX;

std::vector<uint8_t> gradient(uint32_t width, uint32_t height, uint32_t channels) {
    std::vector<uint8_t> pixels(size_t{width} * height * channels);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 7 + i / 13);
    return pixels;
}

Failure failure_of(std::span<const uint8_t> file, uint64_t limit = kNoLimit) {
    try {
        read(file, limit);
    } catch (const ImageError& error) {
        return error.failure();
    }
    ADD_FAILURE() << "was read";
    return Failure::kMemory;
}

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }
std::string text_of(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

// A PNG of any kind through libspng.
std::vector<uint8_t> make_png(uint8_t color_type, uint8_t bit_depth, size_t bytes,
                              const std::function<void(spng_ctx*)>& change = nullptr) {
    spng_ctx* png = spng_ctx_new(SPNG_CTX_ENCODER);
    spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1);
    spng_ihdr header{};
    header.width = header.height = 4;
    header.color_type = color_type;
    header.bit_depth = bit_depth;
    spng_set_ihdr(png, &header);
    if (change) change(png);
    std::vector<uint8_t> pixels(bytes, 0);
    EXPECT_EQ(spng_encode_image(png, pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE), 0);
    size_t size = 0;
    int error = 0;
    auto* data = static_cast<uint8_t*>(spng_get_png_buffer(png, &size, &error));
    std::vector<uint8_t> file(data, data + size);
    std::free(data);
    spng_ctx_free(png);
    return file;
}

TEST(Png, KeepsPixelsAndMetadata) {
    for (uint32_t channels : {1u, 3u}) {
        const auto pixels = gradient(37, 11, channels);
        const std::vector<uint8_t> icc(2000, 5), exif = {'I', 'I', '*', 0, 8, 0}, xmp = {'<', 'a', '>'};
        const auto file = write(test_image(37, 11, channels, pixels, icc, exif, xmp), OutputFormat::kPng);
        const Image image = read(file, kNoLimit);
        EXPECT_EQ(image.width, 37u);
        EXPECT_EQ(image.height, 11u);
        EXPECT_EQ(image.channels(), channels);
        EXPECT_EQ(image.pixels, pixels);
        EXPECT_EQ(image.metadata, test_image(37, 11, channels, {}, icc, exif, xmp).metadata);
        EXPECT_TRUE(image.lost.empty());
    }
}

TEST(Png, RefusesWhatCannotBeKept) {
    EXPECT_EQ(failure_of(make_png(SPNG_COLOR_TYPE_TRUECOLOR, 16, 4 * 4 * 6)), Failure::kUnsupported);
    EXPECT_EQ(failure_of(make_png(SPNG_COLOR_TYPE_GRAYSCALE, 16, 4 * 4 * 2)), Failure::kUnsupported);
    EXPECT_EQ(failure_of(make_png(SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, 8, 4 * 4 * 4)), Failure::kUnsupported);
    EXPECT_EQ(failure_of(make_png(SPNG_COLOR_TYPE_GRAYSCALE_ALPHA, 8, 4 * 4 * 2)), Failure::kUnsupported);
    EXPECT_EQ(failure_of(make_png(SPNG_COLOR_TYPE_TRUECOLOR, 8, 4 * 4 * 3,
                                  [](spng_ctx* png) {
                                      spng_trns transparent{};
                                      spng_set_trns(png, &transparent);
                                  })),
              Failure::kUnsupported);
}

TEST(Png, ExpandsPalettesAndNamesWhatIsLost) {
    const auto file = make_png(SPNG_COLOR_TYPE_INDEXED, 8, 16, [](spng_ctx* png) {
        spng_plte palette{};
        palette.n_entries = 2;
        palette.entries[0] = {10, 20, 30, 255};
        spng_set_plte(png, &palette);
        spng_phys density{1000, 1000, 1};
        spng_set_phys(png, &density);
        spng_set_gama(png, 0.45455);
    });
    const Image image = read(file, kNoLimit);
    ASSERT_EQ(image.channels(), 3u);
    EXPECT_EQ(image.pixels[0], 10);
    EXPECT_EQ(image.pixels[47], 30);
    EXPECT_EQ(image.notes.size(), 1u);
    EXPECT_EQ(image.lost.size(), 2u);
    const Image bits = read(make_png(SPNG_COLOR_TYPE_GRAYSCALE, 1, 4), kNoLimit);
    EXPECT_EQ(bits.channels(), 1u);
    EXPECT_EQ(bits.notes.size(), 1u);
}

TEST(Png, DamageIsAnErrorAndTheLimitIsKept) {
    const auto pixels = gradient(40, 30, 3);
    const auto file = write(test_image(40, 30, 3, pixels), OutputFormat::kPng);
    for (size_t size : {size_t{8}, size_t{20}, file.size() / 2, file.size() - 13})
        EXPECT_EQ(failure_of(std::span(file).first(size)), Failure::kDamaged) << size;
    auto damaged = file;
    damaged[file.size() / 2] ^= 0x40;
    EXPECT_EQ(failure_of(damaged), Failure::kDamaged);
    EXPECT_EQ(failure_of(file, pixels.size() - 1), Failure::kMemory);
}

TEST(Pnm, RoundTripAndRefusals) {
    for (uint32_t channels : {1u, 3u}) {
        const auto pixels = gradient(5, 7, channels);
        EXPECT_EQ(read(write(test_image(5, 7, channels, pixels), OutputFormat::kPnm), kNoLimit).pixels,
                  pixels);
    }
    const Image pam =
        read(bytes_of("P7\nWIDTH 2\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\nabcdef"), kNoLimit);
    EXPECT_EQ(pam.channels(), 3u);
    EXPECT_EQ(pam.pixels, bytes_of("abcdef"));
    EXPECT_EQ(read(bytes_of("P5 # a comment\n2 # another\n1\n255\nxy"), kNoLimit).pixels, bytes_of("xy"));
    EXPECT_EQ(
        failure_of(bytes_of("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcd")),
        Failure::kUnsupported);
    EXPECT_EQ(failure_of(bytes_of("P5\n1 1\n65535\nab")), Failure::kUnsupported);
    EXPECT_EQ(failure_of(bytes_of("P5\n1 1\n100\na")), Failure::kUnsupported);
    EXPECT_EQ(failure_of(bytes_of("P4\n8 1\na")), Failure::kUnsupported);
    EXPECT_EQ(failure_of(bytes_of("P5\n1 1\n255\nab")), Failure::kUnsupported);
    EXPECT_EQ(failure_of(bytes_of("P6\n2 2\n255\nab")), Failure::kDamaged);
    EXPECT_EQ(failure_of(bytes_of("P6\n2 x\n255\nab")), Failure::kDamaged);
    EXPECT_EQ(failure_of(bytes_of("P6\n0 2\n255\n")), Failure::kDamaged);
    EXPECT_EQ(failure_of(bytes_of("P6\n60000 60000\n255\n")), Failure::kDamaged);
}

std::vector<uint8_t> make_jpeg(J_COLOR_SPACE space, int components) {
    jpeg_compress_struct info{};
    jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* data = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &data, &size);
    info.image_width = info.image_height = 32;
    info.input_components = components;
    info.in_color_space = space;
    jpeg_set_defaults(&info);
    jpeg_start_compress(&info, TRUE);
    const std::string exif("Exif\0\0II*\0", 10), xmp("http://ns.adobe.com/xap/1.0/\0<x>", 32);
    jpeg_write_marker(&info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(exif.data()),
                      static_cast<unsigned>(exif.size()));
    jpeg_write_marker(&info, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(xmp.data()),
                      static_cast<unsigned>(xmp.size()));
    const std::vector<uint8_t> icc(70000, 9);
    jpeg_write_icc_profile(&info, icc.data(), static_cast<unsigned>(icc.size()));
    jpeg_write_marker(&info, JPEG_COM, icc.data(), 5);
    std::vector<uint8_t> row(static_cast<size_t>(32 * components), 90);
    JSAMPROW pointer = row.data();
    while (info.next_scanline < info.image_height) jpeg_write_scanlines(&info, &pointer, 1);
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    std::vector<uint8_t> file(data, data + size);
    std::free(data);
    return file;
}

TEST(Jpeg, PixelsAndMetadata) {
    const Image image = read(make_jpeg(JCS_RGB, 3), kNoLimit);
    EXPECT_EQ(image.channels(), 3u);
    EXPECT_EQ(image.pixels.size(), 32u * 32 * 3);
    EXPECT_EQ(text_of(image.find("exif")), std::string("II*\0", 4));
    EXPECT_EQ(text_of(image.find("xmp")), "<x>");
    EXPECT_EQ(image.find("icc").size(), 70000u);
    EXPECT_EQ(image.lost, std::vector<std::string>{"text comments"});
    EXPECT_EQ(read(make_jpeg(JCS_GRAYSCALE, 1), kNoLimit).channels(), 1u);
    EXPECT_EQ(failure_of(make_jpeg(JCS_CMYK, 4)), Failure::kUnsupported);
}

TEST(Jpeg, DamageIsAnError) {
    const auto file = make_jpeg(JCS_RGB, 3);
    EXPECT_EQ(failure_of(std::span(file).first(file.size() - 20)), Failure::kDamaged);
    EXPECT_EQ(failure_of(std::span(file).first(100)), Failure::kDamaged);
    EXPECT_EQ(failure_of(file, 32 * 32 * 3 - 1), Failure::kMemory);
}

TEST(WebP, PixelsAndAlpha) {
    const auto pixels = gradient(20, 10, 3);
    uint8_t* data = nullptr;
    size_t size = WebPEncodeLosslessRGB(pixels.data(), 20, 10, 60, &data);
    const Image image = read({data, size}, kNoLimit);
    EXPECT_EQ(image.channels(), 3u);
    EXPECT_EQ(image.pixels, pixels);
    EXPECT_EQ(failure_of({data, size / 2}), Failure::kDamaged);
    WebPFree(data);
    const auto with_alpha = gradient(20, 10, 4);
    size = WebPEncodeLosslessRGBA(with_alpha.data(), 20, 10, 80, &data);
    EXPECT_EQ(failure_of({data, size}), Failure::kUnsupported);
    WebPFree(data);
}

struct TiffKind {
    uint16_t bits, samples, photometric, planar;
    bool tiled;
    int pages;
};

std::vector<uint8_t> make_tiff(const TiffKind& kind, const std::vector<uint8_t>& pixels) {
    char path[] = "/tmp/residua-tiff-XXXXXX";
    const int descriptor = mkstemp(path);
    TIFF* tiff = TIFFFdOpen(descriptor, path, "w");
    for (int page = 0; page < kind.pages; ++page) {
        TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 20);
        TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 18);
        TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
        TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
        TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
        TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind.planar);
        TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
        TIFFSetField(tiff, TIFFTAG_ICCPROFILE, 3, "icc");
        const int planes = kind.planar == PLANARCONFIG_SEPARATE ? kind.samples : 1;
        const int per_pixel = kind.planar == PLANARCONFIG_SEPARATE ? 1 : kind.samples * kind.bits / 8;
        if (kind.tiled) {
            TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
            TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
        } else {
            TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 7);
        }
        for (int plane = 0; plane < planes; ++plane) {
            const auto sample = [&](int x, int y, int c) {
                const int channel = planes > 1 ? plane : c;
                return pixels[static_cast<size_t>((y * 20 + x) * kind.samples * kind.bits / 8 + channel)];
            };
            if (kind.tiled) {
                std::vector<uint8_t> tile(static_cast<size_t>(16 * 16 * per_pixel));
                for (int ty = 0; ty < 18; ty += 16)
                    for (int tx = 0; tx < 20; tx += 16) {
                        for (int y = 0; y < 16 && ty + y < 18; ++y)
                            for (int x = 0; x < 16 && tx + x < 20; ++x)
                                for (int c = 0; c < per_pixel; ++c)
                                    tile[static_cast<size_t>((y * 16 + x) * per_pixel + c)] =
                                        sample(tx + x, ty + y, c);
                        TIFFWriteTile(tiff, tile.data(), static_cast<uint32_t>(tx), static_cast<uint32_t>(ty),
                                      0, static_cast<uint16_t>(plane));
                    }
            } else {
                std::vector<uint8_t> row(static_cast<size_t>(20 * per_pixel));
                for (int y = 0; y < 18; ++y) {
                    for (int x = 0; x < 20; ++x)
                        for (int c = 0; c < per_pixel; ++c)
                            row[static_cast<size_t>(x * per_pixel + c)] = sample(x, y, c);
                    TIFFWriteScanline(tiff, row.data(), static_cast<uint32_t>(y),
                                      static_cast<uint16_t>(plane));
                }
            }
        }
        TIFFWriteDirectory(tiff);
    }
    TIFFClose(tiff);
    std::FILE* file = std::fopen(path, "rb");
    std::vector<uint8_t> bytes(1 << 20);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
    std::fclose(file);
    std::remove(path);
    return bytes;
}

TEST(Tiff, StripsTilesAndPlanes) {
    for (uint16_t samples : {1, 3}) {
        const auto pixels = gradient(20, 18, samples);
        for (bool tiled : {false, true}) {
            for (uint16_t planar : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
                const uint16_t photometric = samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
                const Image image =
                    read(make_tiff({8, samples, photometric, planar, tiled, 1}, pixels), kNoLimit);
                EXPECT_EQ(image.pixels, pixels) << samples << tiled << planar;
                EXPECT_EQ(text_of(image.find("icc")), "icc");
            }
        }
    }
}

TEST(Tiff, RefusesWhatCannotBeKept) {
    const auto pixels = gradient(20, 18, 8);
    EXPECT_EQ(failure_of(make_tiff({16, 3, PHOTOMETRIC_RGB, PLANARCONFIG_CONTIG, false, 1}, pixels)),
              Failure::kUnsupported);
    EXPECT_EQ(failure_of(make_tiff({8, 4, PHOTOMETRIC_RGB, PLANARCONFIG_CONTIG, false, 1}, pixels)),
              Failure::kUnsupported);
    EXPECT_EQ(failure_of(make_tiff({8, 4, PHOTOMETRIC_SEPARATED, PLANARCONFIG_CONTIG, false, 1}, pixels)),
              Failure::kUnsupported);
    EXPECT_EQ(failure_of(make_tiff({8, 3, PHOTOMETRIC_RGB, PLANARCONFIG_CONTIG, false, 2}, pixels)),
              Failure::kUnsupported);
    EXPECT_EQ(failure_of(make_tiff({8, 1, PHOTOMETRIC_MINISWHITE, PLANARCONFIG_CONTIG, false, 1}, pixels)),
              Failure::kUnsupported);
}

TEST(Read, RefusesOtherFiles) {
    EXPECT_EQ(failure_of({}), Failure::kDamaged);
    EXPECT_EQ(failure_of(bytes_of("GIF89a")), Failure::kDamaged);
    EXPECT_EQ(failure_of(bytes_of("\x89RSD\x01")), Failure::kDamaged);
    EXPECT_EQ(failure_of(bytes_of("RIFF\x10\0\0\0WEBPVP8 ")), Failure::kDamaged);
}

}  // namespace
}  // namespace image_io
