// Pictures from top to bottom: the same, however many rows are read or written at a time.
#include <gtest/gtest.h>
#include <jpeglib.h>
#include <tiffio.h>
#include <webp/encode.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "image_io/test_files.h"
#include "image_io/test_image.h"

namespace image_io {
namespace {

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

TEST(Rows, OfPng) {
    for (const uint32_t channels : {1u, 3u}) {
        const Bytes pixels = noisy(61, 47, channels);
        const uint8_t type = channels == 3 ? 2 : 0;
        expect_rows(make_png({61, 47, 8, type}, pixels), pixels);
        expect_rows(make_png({61, 47, 8, type, true}, pixels), pixels);
        expect_rows(write(test_image(61, 47, channels, pixels), OutputFormat::kPng), pixels);
    }
}

std::string itxt(const std::string& keyword, const std::string& text) {
    return keyword + std::string("\0\0\0\0\0", 5) + text;
}

// Behind the pixels, where they may stand; a file's head needs them before.
TEST(Rows, OfPngWithMetadataBehindThePixels) {
    const Bytes pixels = noisy(61, 47, 3);
    const std::string exif("II*\0\x08\0\0\0", 8);
    const Bytes plain = make_png({61, 47}, pixels);
    const size_t end = plain.size() - 12;  // of IDAT
    Bytes file(plain.begin(), plain.begin() + static_cast<ptrdiff_t>(end));
    for (const Bytes& part :
         {png_chunk("tIME", std::string("\x07\xea\x01\x01\0\0\0", 7)),
          png_chunk("iTXt", itxt("XML:com.adobe.xmp", "<first/>")), png_chunk("eXIf", exif),
          png_chunk("iTXt", itxt("XML:com.adobe.xmp", "<second/>")),
          png_chunk("tEXt", std::string("Title\0x", 7))})
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

TEST(Rows, OfJpeg) {
    const Bytes pixels = noisy(61, 47, 3);
    for (const bool progressive : {false, true}) {
        JpegKind kind{61, 47};
        kind.progressive = progressive, kind.icc = Bytes(70000, 9), kind.pixels = pixels;
        const Bytes file = make_jpeg(kind);
        expect_rows(file, decoded_jpeg(file, JCS_RGB));
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

// RGB of 8 bits.
Bytes make_rgb_tiff(uint32_t width, uint32_t height, uint16_t planar, uint16_t compression,
                    uint32_t rows_per_strip, const Bytes& pixels) {
    TestTiff kind{width, height};
    kind.planar = planar, kind.compression = compression, kind.rows_per_strip = rows_per_strip;
    return make_tiff(kind, pixels);
}

TEST(Rows, OfTiff) {
    const Bytes small = noisy(61, 47, 3);
    for (const uint16_t planar : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE})
        for (const uint32_t rows_per_strip : {0u, 1u, 7u, 47u, 100u})
            expect_rows(make_rgb_tiff(61, 47, planar, COMPRESSION_LZW, rows_per_strip, small), small);
}

// Such a strip is read by lines.
TEST(Rows, OfTiffWithOneLargeStrip) {
    const Bytes large = noisy(1600, 1000, 3);
    for (const uint16_t compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE}) {
        const Bytes file = make_rgb_tiff(1600, 1000, PLANARCONFIG_CONTIG, compression, 1000, large);
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
