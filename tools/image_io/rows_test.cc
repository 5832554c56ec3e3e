// Pictures from top to bottom: the same, however many rows are read or written at a time.
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <spng.h>
#include <tiffio.h>
#include <webp/encode.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>

#include "image_io/test_image.h"

namespace image_io {
namespace {

using Bytes = std::vector<uint8_t>;
std::string text_of(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

constexpr uint64_t kNoLimit = UINT64_MAX;

Bytes noisy(uint32_t width, uint32_t height, uint32_t channels) {
    Bytes pixels(size_t{width} * height * channels);
    uint32_t noise = 1;
    for (size_t i = 0; i < pixels.size(); ++i) {
        noise = noise * 1664525 + 1013904223;
        pixels[i] = static_cast<uint8_t>(i / 7 + (noise >> 28));
    }
    return pixels;
}

File file_of(const Bytes& bytes) {
    File file(std::tmpfile());
    EXPECT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), file.get()), bytes.size());
    std::fflush(file.get());
    return file;
}

Bytes read_by(Source& source, uint32_t step) {
    const auto reader = open(source, kNoLimit);
    const Description& description = reader->description();
    Bytes pixels(description.pixel_bytes());
    for (uint32_t y = 0; y < description.height; y += step)
        reader->read(std::min(step, description.height - y), pixels.data() + y * description.row_bytes());
    return pixels;
}

// From memory and from a file, in steps of different heights.
void expect_rows(const Bytes& file, const Bytes& pixels) {
    for (const uint32_t step : {1u, 3u, 16u, 1u << 20}) {
        MemorySource memory(file);
        EXPECT_EQ(read_by(memory, step), pixels) << step;
        FileSource on_disk(file_of(file));
        EXPECT_EQ(read_by(on_disk, step), pixels) << step;
        EXPECT_FALSE(on_disk.failed());
    }
}

Bytes make_png(uint32_t width, uint32_t height, uint32_t channels, const Bytes& pixels,
               uint8_t interlace = SPNG_INTERLACE_NONE) {
    spng_ctx* png = spng_ctx_new(SPNG_CTX_ENCODER);
    spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1);
    spng_ihdr header{};
    header.width = width, header.height = height, header.bit_depth = 8;
    header.color_type = channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_GRAYSCALE;
    header.interlace_method = interlace;
    spng_set_ihdr(png, &header);
    EXPECT_EQ(spng_encode_image(png, pixels.data(), pixels.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE), 0);
    size_t size = 0;
    int error = 0;
    auto* data = static_cast<uint8_t*>(spng_get_png_buffer(png, &size, &error));
    Bytes file(data, data + size);
    std::free(data);
    spng_ctx_free(png);
    return file;
}

TEST(Rows, OfPng) {
    for (const uint32_t channels : {1u, 3u}) {
        const Bytes pixels = noisy(61, 47, channels);
        expect_rows(make_png(61, 47, channels, pixels), pixels);
        expect_rows(make_png(61, 47, channels, pixels, SPNG_INTERLACE_ADAM7), pixels);
        expect_rows(write(test_image(61, 47, channels, pixels), OutputFormat::kPng), pixels);
    }
}

uint32_t png_checksum(const std::string& bytes) {
    uint32_t sum = 0xffffffff;
    for (const char byte : bytes) {
        sum ^= static_cast<uint8_t>(byte);
        for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum;
}

Bytes chunk(const std::string& type, const std::string& data) {
    const auto number = [](uint32_t value) {
        return std::string{static_cast<char>(value >> 24), static_cast<char>(value >> 16),
                           static_cast<char>(value >> 8), static_cast<char>(value)};
    };
    const std::string checked = type + data;
    const std::string whole =
        number(static_cast<uint32_t>(data.size())) + checked + number(png_checksum(checked));
    return {whole.begin(), whole.end()};
}

std::string itxt(const std::string& keyword, const std::string& text) {
    return keyword + std::string("\0\0\0\0\0", 5) + text;
}

// Behind the pixels, where they may stand; a file's head needs them before.
TEST(Rows, OfPngWithMetadataBehindThePixels) {
    const Bytes pixels = noisy(61, 47, 3);
    const std::string exif("II*\0\x08\0\0\0", 8);
    const Bytes plain = make_png(61, 47, 3, pixels);
    const size_t end = plain.size() - 12;  // of IDAT
    Bytes file(plain.begin(), plain.begin() + static_cast<ptrdiff_t>(end));
    for (const Bytes& part :
         {chunk("tIME", std::string("\x07\xea\x01\x01\0\0\0", 7)),
          chunk("iTXt", itxt("XML:com.adobe.xmp", "<first/>")), chunk("eXIf", exif),
          chunk("iTXt", itxt("XML:com.adobe.xmp", "<second/>")), chunk("tEXt", std::string("Title\0x", 7))})
        file.insert(file.end(), part.begin(), part.end());
    file.insert(file.end(), plain.begin() + static_cast<ptrdiff_t>(end), plain.end());
    MemorySource source(file);
    const auto reader = open(source, kNoLimit);
    const Description& description = reader->description();
    EXPECT_EQ(text_of(description.find("exif")), exif);
    EXPECT_EQ(text_of(description.find("xmp")), "<first/>");
    EXPECT_TRUE(description.lost.empty());
    expect_rows(file, pixels);

    // Damage among them harms no pixel.
    for (size_t i = end; i < file.size() - 12; i += 5) {
        Bytes damaged = file;
        damaged[i] ^= 0x20;
        try {
            const Image image = read(damaged, kNoLimit);
            EXPECT_EQ(image.pixels, pixels);
        } catch (const ImageError& error) {
            EXPECT_EQ(error.failure(), Failure::kDamaged);
        }
    }
}

TEST(Rows, OfPnm) {
    for (const uint32_t channels : {1u, 3u}) {
        const Bytes pixels = noisy(61, 47, channels);
        expect_rows(write(test_image(61, 47, channels, pixels), OutputFormat::kPnm), pixels);
    }
}

Bytes make_jpeg(const Bytes& pixels, bool progressive) {
    jpeg_compress_struct info{};
    jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* data = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &data, &size);
    info.image_width = 61, info.image_height = 47;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    if (progressive) jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    const Bytes icc(70000, 9);
    jpeg_write_icc_profile(&info, icc.data(), static_cast<unsigned>(icc.size()));
    while (info.next_scanline < info.image_height) {
        auto* row = const_cast<JSAMPLE*>(pixels.data() + size_t{info.next_scanline} * 61 * 3);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    Bytes file(data, data + size);
    std::free(data);
    return file;
}

// What libjpeg makes of it in one go, from memory.
Bytes decoded_jpeg(const Bytes& file) {
    jpeg_decompress_struct info{};
    jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file.data(), file.size());
    jpeg_read_header(&info, TRUE);
    jpeg_start_decompress(&info);
    Bytes pixels(size_t{info.output_width} * info.output_height * 3);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = pixels.data() + size_t{info.output_scanline} * info.output_width * 3;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return pixels;
}

TEST(Rows, OfJpeg) {
    const Bytes pixels = noisy(61, 47, 3);
    for (const bool progressive : {false, true}) {
        const Bytes file = make_jpeg(pixels, progressive);
        expect_rows(file, decoded_jpeg(file));
        // Longer than the buffer that it is read with, so that a part is missing when the rows come.
        for (const size_t missing : {size_t{10}, size_t{400}}) {
            MemorySource source(std::span<const uint8_t>(file).first(file.size() - missing));
            EXPECT_THROW(read_by(source, 1), ImageError) << missing;
        }
    }
}

TEST(Rows, OfWebp) {
    const Bytes pixels = noisy(61, 47, 3);
    uint8_t* data = nullptr;
    const size_t size = WebPEncodeLosslessRGB(pixels.data(), 61, 47, 61 * 3, &data);
    expect_rows({data, data + size}, pixels);
    WebPFree(data);
}

struct TiffKind {
    uint32_t width, height;
    uint16_t planar, compression;
    uint32_t rows_per_strip;  // 0: tiles
};

Bytes make_tiff(const TiffKind& kind, const Bytes& pixels) {
    char path[] = "/tmp/residua-tiff-XXXXXX";
    TIFF* tiff = TIFFFdOpen(mkstemp(path), path, "w");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, kind.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kind.height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind.planar);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
    const bool planar = kind.planar == PLANARCONFIG_SEPARATE;
    const uint32_t planes = planar ? 3 : 1, channels = planar ? 1 : 3;
    if (kind.rows_per_strip > 0) {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.rows_per_strip);
        for (uint32_t plane = 0; plane < planes; ++plane)
            for (uint32_t y = 0; y < kind.height; ++y) {
                Bytes row;
                for (uint32_t x = 0; x < kind.width; ++x)
                    for (uint32_t c = 0; c < channels; ++c)
                        row.push_back(pixels[(size_t{y} * kind.width + x) * 3 + plane + c]);
                TIFFWriteScanline(tiff, row.data(), y, static_cast<uint16_t>(plane));
            }
    } else {
        constexpr uint32_t kSide = 16;
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kSide);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, kSide);
        for (uint32_t plane = 0; plane < planes; ++plane)
            for (uint32_t top = 0; top < kind.height; top += kSide)
                for (uint32_t left = 0; left < kind.width; left += kSide) {
                    Bytes tile(kSide * kSide * channels);
                    for (uint32_t y = top; y < std::min(top + kSide, kind.height); ++y)
                        for (uint32_t x = left; x < std::min(left + kSide, kind.width); ++x)
                            for (uint32_t c = 0; c < channels; ++c)
                                tile[((y - top) * kSide + x - left) * channels + c] =
                                    pixels[(size_t{y} * kind.width + x) * 3 + plane + c];
                    TIFFWriteTile(tiff, tile.data(), left, top, 0, static_cast<uint16_t>(plane));
                }
    }
    TIFFClose(tiff);
    const File file(std::fopen(path, "rb"));
    std::remove(path);
    Bytes bytes(size_t{1} << 24);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
    return bytes;
}

TEST(Rows, OfTiff) {
    const Bytes small = noisy(61, 47, 3);
    for (const uint16_t planar : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE})
        for (const uint32_t rows_per_strip : {0u, 1u, 7u, 47u, 100u})
            expect_rows(make_tiff({61, 47, planar, COMPRESSION_LZW, rows_per_strip}, small), small);
}

// Such a strip is read by lines.
TEST(Rows, OfTiffWithOneLargeStrip) {
    const Bytes large = noisy(1600, 1000, 3);
    for (const uint16_t compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE}) {
        const Bytes file = make_tiff({1600, 1000, PLANARCONFIG_CONTIG, compression, 1000}, large);
        FileSource source(file_of(file));
        EXPECT_EQ(read_by(source, 16), large);
        // Nothing of the picture's size is held.
        MemorySource memory(file);
        EXPECT_NO_THROW(open(memory, size_t{1} << 16));
        MemorySource cut(std::span<const uint8_t>(file).first(file.size() / 2));
        EXPECT_THROW(read_by(cut, 16), ImageError);
    }
}

TEST(Rows, AreWrittenTheSameInAnySteps) {
    const Bytes pixels = noisy(61, 47, 3), icc(2000, 5), exif = {'I', 'I', '*', 0}, xmp = {'<', 'a', '>'};
    for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kPnm}) {
        const Image image = test_image(61, 47, 3, pixels, icc, exif, xmp);
        const Bytes whole = write(image, format);
        for (const uint32_t step : {1u, 5u, 16u}) {
            Bytes bytes;
            // The metadata are needed no longer than until the writer is made.
            auto description = std::make_unique<Description>(image);
            const auto writer = make_writer(*description, format, [&](std::span<const uint8_t> part) {
                bytes.insert(bytes.end(), part.begin(), part.end());
            });
            description.reset();
            for (uint32_t y = 0; y < 47; y += step)
                writer->write(std::min(step, 47 - y), pixels.data() + size_t{y} * 61 * 3);
            EXPECT_EQ(bytes, whole);
        }
    }
}

TEST(Rows, WhatTheOutputThrowsComesOut) {
    const Bytes pixels = noisy(600, 470, 3);
    for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kPnm}) {
        int calls = 0;
        const auto write_all = [&] {
            make_writer(test_image(600, 470, 3), format, [&](std::span<const uint8_t>) {
                if (++calls == 2) throw std::out_of_range("mine");
            })->write(470, pixels.data());
        };
        EXPECT_THROW(write_all(), std::out_of_range);
    }
}

}  // namespace
}  // namespace image_io
