// PNG files as the writer makes them, read by libspng and chunk by chunk.
#include <gtest/gtest.h>
#include <spng.h>

#include <cstring>

#include "image_io/bytes.h"
#include "image_io/test_kinds.h"
#include "image_io/translate.h"

namespace image_io {
namespace {

using Bytes = std::vector<uint8_t>;
using Names = std::vector<std::string>;

struct Decoded {
    spng_ihdr header{};
    std::vector<uint32_t> samples;  // or indices
};

Decoded decode(const Bytes& file) {
    Decoded decoded;
    spng_ctx* png = spng_ctx_new(0);
    spng_set_png_buffer(png, file.data(), file.size());
    EXPECT_EQ(spng_get_ihdr(png, &decoded.header), 0);
    size_t size = 0;
    EXPECT_EQ(spng_decoded_image_size(png, SPNG_FMT_RAW, &size), 0);
    Bytes rows(size);
    EXPECT_EQ(spng_decode_image(png, rows.data(), size, SPNG_FMT_RAW, 0), 0);
    EXPECT_EQ(spng_decode_chunks(png), 0);
    spng_ctx_free(png);
    const uint32_t depth = decoded.header.bit_depth, type = decoded.header.color_type;
    const uint32_t channels = type == 2 ? 3 : type == 6 ? 4 : type == 4 ? 2 : 1;
    const size_t row_bytes = size / decoded.header.height;
    for (uint32_t y = 0; y < decoded.header.height; ++y)
        for (uint32_t i = 0; i < decoded.header.width * channels; ++i) {
            const uint8_t* at = rows.data() + y * row_bytes + i * depth / 8;
            decoded.samples.push_back(
                depth == 16 ? big16(at) : uint32_t{*at} >> (8 - depth - i * depth % 8) & ((1u << depth) - 1));
        }
    return decoded;
}

struct Chunk {
    std::string type;
    Bytes data;
};

std::vector<Chunk> chunks_of(const Bytes& file) {
    std::vector<Chunk> chunks;
    for (size_t at = 8; at + 12 <= file.size();) {
        const uint32_t size = big32(file.data() + at);
        const uint8_t* data = file.data() + at + 8;
        chunks.push_back({std::string(data - 4, data), Bytes(data, data + size)});
        at += 12 + size_t{size};
        if (chunks.back().type == "IEND") break;
    }
    return chunks;
}

// Without IDAT but the first.
Names types_of(const Bytes& file) {
    Names types;
    for (const Chunk& chunk : chunks_of(file))
        if (chunk.type != "IDAT" || types.back() != "IDAT") types.push_back(chunk.type);
    return types;
}

Bytes data_of(const Bytes& file, const std::string& type) {
    for (const Chunk& chunk : chunks_of(file))
        if (chunk.type == type) return chunk.data;
    ADD_FAILURE() << "no chunk " << type;
    return {};
}

TEST(PngWriter, KeepsTheDepthsThatPngHas) {
    for (const bool alpha : {false, true})
        for (const Colour colour : {Colour::kGrey, Colour::kRgb})
            for (const uint32_t bits : {1u, 2u, 4u, 8u, 16u}) {
                if (bits < 8 && (alpha || colour == Colour::kRgb)) continue;
                const Image image = make_image(13, 7, colour, alpha, bits);
                for (const uint32_t step : {1u, 3u, 7u}) {
                    const Decoded decoded = decode(write_by(image, OutputFormat::kPng, step));
                    EXPECT_EQ(decoded.header.bit_depth, bits);
                    EXPECT_EQ(decoded.samples, numbers_of(image)) << bits << alpha << step;
                }
                EXPECT_TRUE(place(image, OutputFormat::kPng).notes.empty());
            }
}

TEST(PngWriter, StretchesOtherDepthsSoThatAShiftBringsThemBack) {
    for (const uint32_t bits : {3u, 5u, 6u, 7u, 9u, 10u, 12u, 14u, 15u}) {
        const Image image = make_image(40, 30, Colour::kGrey, bits > 8, bits);
        const Bytes file = write(image, OutputFormat::kPng);
        const Decoded decoded = decode(file);
        const uint32_t depth = decoded.header.bit_depth, white = (1u << depth) - 1;
        EXPECT_EQ(depth, bits == 3 ? 4u : bits < 8 ? 8u : 16u);
        const std::vector<uint32_t> numbers = numbers_of(image);
        ASSERT_EQ(decoded.samples.size(), numbers.size());
        for (size_t i = 0; i < numbers.size(); ++i) {
            EXPECT_EQ(decoded.samples[i] >> (depth - bits), numbers[i]);
            // The nearest to the same brightness.
            const double exact = static_cast<double>(numbers[i]) * white / ((1u << bits) - 1);
            EXPECT_NEAR(decoded.samples[i], exact, 0.5) << bits;
        }
        EXPECT_EQ(data_of(file, "sBIT"), Bytes(image.channels(), static_cast<uint8_t>(bits)));
        EXPECT_EQ(place(image, OutputFormat::kPng).notes.size(), 1u);
    }
}

TEST(PngWriter, WhiteOfPnmIsWhite) {
    Image image = make_image(101, 1, Colour::kGrey, false, 7);
    for (size_t i = 0; i < 101; ++i) image.pixels[i] = static_cast<uint8_t>(i);
    image.add("pnm:maxval", as_bytes("100"));
    const Decoded decoded = decode(write(image, OutputFormat::kPng));
    for (size_t i = 0; i < 101; ++i) EXPECT_EQ(decoded.samples[i], (i * 255 + 50) / 100);
    EXPECT_EQ(place(image, OutputFormat::kPng).left_out, Names{"pnm:maxval (largest value)"});
}

TEST(PngWriter, GreyWithWhiteAtZeroIsTurnedAround) {
    Image image = make_image(9, 4, Colour::kGrey, false, 1);
    add_field(image, Field::number(tag::kPhotometric, kShort, 0));
    std::vector<uint32_t> turned;
    for (const uint32_t value : numbers_of(image)) turned.push_back(1 - value);
    EXPECT_EQ(decode(write(image, OutputFormat::kPng)).samples, turned);
    EXPECT_TRUE(place(image, OutputFormat::kPng).left_out.empty());
}

TEST(PngWriter, CmykIsRefused) {
    EXPECT_THROW(write(make_image(3, 3, Colour::kCmyk, false, 8), OutputFormat::kPng), ImageError);
}

// Byte for byte, in their order, on their side of the pixels.
TEST(PngWriter, ChunksComeBackWhereTheyWere) {
    Image image = make_image(5, 5, Colour::kRgb, false, 8);
    const Bytes icc(300, 7), exif = {'I', 'I', '*', 0, 8, 0, 0, 0, 0, 0}, xmp = {'<', 'x', '/', '>'};
    image.add("png:gAMA", as_bytes(std::string("\0\0\xb1\x8f", 4)));
    image.add("icc", icc);
    image.add("png:iCCP-name", as_bytes("My profile"));
    image.add("png:tEXt", as_bytes(std::string("Title\0one", 9)));
    image.add("png:tRNS", Bytes(6, 0));
    image.add("png:prVt", as_bytes("private"));
    image.add("png:tEXt", as_bytes(std::string("Title\0two", 9)));
    image.add("png:emPt-empty", Bytes(1, 0));
    image.add("png-end:tIME", Bytes(7, 1));
    image.add("exif", exif);
    image.add("xmp", xmp);
    image.add("png-end:tEXt", as_bytes(std::string("Title\0three", 11)));
    image.add("png:trailing", as_bytes("behind"));
    const Placement placement = place(image, OutputFormat::kPng);
    EXPECT_EQ(placement.left_out, Names());
    const Bytes file = write_by(image, OutputFormat::kPng, 2);
    EXPECT_EQ(types_of(file), (Names{"IHDR", "gAMA", "iCCP", "tEXt", "tRNS", "prVt", "tEXt", "emPt", "IDAT",
                                     "tIME", "eXIf", "iTXt", "tEXt", "IEND"}));
    EXPECT_EQ(as_text(data_of(file, "iCCP")).substr(0, 11), std::string_view("My profile\0", 11));
    EXPECT_EQ(data_of(file, "eXIf"), exif);
    EXPECT_EQ(as_text(data_of(file, "iTXt")), std::string("XML:com.adobe.xmp\0\0\0\0\0<x/>", 26));
    EXPECT_EQ(as_text(data_of(file, "prVt")), "private");
    EXPECT_TRUE(data_of(file, "emPt").empty());
    EXPECT_EQ(as_text(std::span(file).last(6)), "behind");
    EXPECT_EQ(decode(file).samples, numbers_of(image));

    spng_ctx* png = spng_ctx_new(0);
    spng_set_png_buffer(png, file.data(), file.size());
    spng_iccp profile{};
    EXPECT_EQ(spng_get_iccp(png, &profile), 0);
    EXPECT_EQ(Bytes(profile.profile, profile.profile + profile.profile_len), icc);
    spng_ctx_free(png);
}

// What is no chunk of a picture's metadata must not become one.
TEST(PngWriter, CriticalChunksOfStrangersAreNamed) {
    Image image = make_image(5, 5, Colour::kGrey, false, 8);
    for (const char* name :
         {"png:IDAT", "png:IEND", "png:CRIT", "png:PLTE", "png:toolong", "png:b+d?", "tiff:305", "jpeg:COM"})
        image.add(name, Bytes(3, 0));
    EXPECT_EQ(place(image, OutputFormat::kPng).left_out.size(), 8u);
    EXPECT_EQ(types_of(write(image, OutputFormat::kPng)), (Names{"IHDR", "IDAT", "IEND"}));
}

Image indexed_image(uint32_t bits, uint32_t colours, bool alpha) {
    Image image = make_image(31, 9, Colour::kRgb, alpha, 8);
    Bytes header;
    put_big(header, 31, 4);
    put_big(header, 9, 4);
    for (const uint8_t byte : {static_cast<uint8_t>(bits), uint8_t{3}, uint8_t{0}, uint8_t{0}, uint8_t{0}})
        header.push_back(byte);
    image.add("png:IHDR", header);
    Bytes palette, opacity;
    for (uint32_t i = 0; i < colours; ++i) {
        for (const uint32_t value : {i * 7, 255 - i, i ^ 0x55})
            palette.push_back(static_cast<uint8_t>(value));
        if (i < colours / 2) opacity.push_back(static_cast<uint8_t>(i * 3));
    }
    image.add("png:PLTE", palette);
    if (alpha) image.add("png:tRNS", opacity);
    const size_t channels = image.channels();
    for (size_t i = 0; i < image.pixels.size() / channels; ++i) {
        const size_t index = i * i % (colours - 1);  // the last one is not used
        std::memcpy(&image.pixels[i * channels], &palette[3 * index], 3);
        if (alpha) image.pixels[i * channels + 3] = index < opacity.size() ? opacity[index] : 255;
    }
    return image;
}

TEST(PngWriter, PalettesComeBack) {
    for (const bool alpha : {false, true})
        for (const auto& [bits, colours] : {std::pair(1u, 2u), {2u, 4u}, {4u, 11u}, {8u, 5u}, {8u, 256u}}) {
            const Image image = indexed_image(bits, colours, alpha);
            const Bytes file = write_by(image, OutputFormat::kPng, 4);
            const Decoded decoded = decode(file);
            EXPECT_EQ(decoded.header.color_type, SPNG_COLOR_TYPE_INDEXED);
            EXPECT_EQ(decoded.header.bit_depth, bits);
            EXPECT_EQ(data_of(file, "PLTE"),
                      Bytes(image.find("png:PLTE").begin(), image.find("png:PLTE").end()));
            for (size_t i = 0; i < decoded.samples.size(); ++i)
                ASSERT_EQ(decoded.samples[i], i * i % (colours - 1)) << bits << colours;
            EXPECT_EQ(types_of(file), alpha ? (Names{"IHDR", "PLTE", "tRNS", "IDAT", "IEND"})
                                            : (Names{"IHDR", "PLTE", "IDAT", "IEND"}));
            EXPECT_TRUE(place(image, OutputFormat::kPng).left_out.empty());
        }
}

// What a file's number beyond its palette was read as.
TEST(PngWriter, BlackThatThePaletteLacksIsANumberBeyondIt) {
    Image image = indexed_image(8, 5, false);
    std::memset(&image.pixels[3], 0, 3);
    EXPECT_EQ(decode(write(image, OutputFormat::kPng)).samples[1], 5u);
}

TEST(PngWriter, APaletteWithoutTheColourIsAnError) {
    Image image = indexed_image(8, 20, false);
    image.pixels[300] ^= 1;
    EXPECT_THROW(write(image, OutputFormat::kPng), ImageError);
}

// A PNG's own order is kept, legal or not; a palette from elsewhere gets a place between those that must lie before
// and behind it.
TEST(PngWriter, ChunksAroundAPalette) {
    Image image = indexed_image(8, 20, false);
    image.metadata.insert(image.metadata.begin(), {{"png:bKGD", {1}}, {"png:tEXt", {'a', 0, 'b'}}});
    image.add("png:gAMA", Bytes(4, 1));
    EXPECT_EQ(types_of(write(image, OutputFormat::kPng)),
              (Names{"IHDR", "bKGD", "tEXt", "PLTE", "gAMA", "IDAT", "IEND"}));

    std::vector<uint16_t> map(3 * 256);
    const std::span<const uint8_t> colours = image.find("png:PLTE");
    for (size_t i = 0; i < colours.size(); ++i)
        map[i % 3 * 256 + i / 3] = static_cast<uint16_t>(colours[i] * 257);
    image.metadata = {{"png:bKGD", {1}},
                      {"png:tEXt", {'a', 0, 'b'}},
                      {"png:gAMA", Bytes(4, 1)},
                      {"png-end:tIME", Bytes(7, 1)}};
    add_field(image, Field::shorts(tag::kPalette, map));
    const Bytes file = write(image, OutputFormat::kPng);
    EXPECT_EQ(types_of(file), (Names{"IHDR", "gAMA", "tEXt", "PLTE", "bKGD", "IDAT", "tIME", "IEND"}));
    EXPECT_EQ(decode(file).header.color_type, SPNG_COLOR_TYPE_INDEXED);
    EXPECT_EQ(decode(file).samples[4], 16u % 19);
}

TEST(PngWriter, WhatTheOutputThrowsComesOut) {
    const Image image = make_image(50, 50, Colour::kRgb, false, 16);
    size_t left = 200;
    const auto output = [&](std::span<const uint8_t> bytes) {
        if (bytes.size() > left) throw std::runtime_error("full");
        left -= bytes.size();
    };
    EXPECT_THROW(make_writer(image, OutputFormat::kPng, output)->write(50, image.pixels.data()),
                 std::runtime_error);
}

}  // namespace
}  // namespace image_io
