#include <tiffio.h>

#include <cstring>

#include "image_io/test_files.h"
#include "image_io/writer.h"

namespace image_io {
namespace {

using Kind = TestTiff;

Bytes samples_of(const Kind& kind) {
    return noise(size_t{kind.width} * kind.height * kind.samples, kind.bits);
}

TEST(Tiff, AllBitsInStripsAndTilesAndPlanes) {
    for (uint16_t bits = 1; bits <= 16; ++bits)
        for (const uint32_t rows : {0U, 1U, 7U, 100U})
            for (const uint16_t planar : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE})
                for (const bool big_endian : {false, true}) {
                    SCOPED_TRACE(std::to_string(bits) + " bits, strips of " + std::to_string(rows));
                    Kind kind;
                    kind.bits = bits, kind.planar = planar, kind.rows_per_strip = rows;
                    kind.big_endian = big_endian, kind.large = rows == 1;
                    const Bytes samples = samples_of(kind);
                    const Image image = read_all(make_tiff(kind, samples));
                    EXPECT_EQ(image.bits, bits);
                    EXPECT_EQ(image.pixels, samples);
                    EXPECT_TRUE(image.metadata.empty()) << image.metadata[0].name;
                }
}

TEST(Tiff, EveryColourWithAndWithoutAlpha) {
    for (const auto& [photometric, colours, colour] : {std::tuple{PHOTOMETRIC_MINISBLACK, 1, Colour::kGrey},
                                                       {PHOTOMETRIC_MINISWHITE, 1, Colour::kGrey},
                                                       {PHOTOMETRIC_RGB, 3, Colour::kRgb},
                                                       {PHOTOMETRIC_SEPARATED, 4, Colour::kCmyk}})
        for (const int extra : {-1, 0, 1, 2})
            for (const uint16_t bits : {1, 8, 16}) {
                Kind kind;
                kind.bits = bits, kind.photometric = static_cast<uint16_t>(photometric), kind.extra = extra;
                kind.samples = static_cast<uint16_t>(colours + (extra >= 0 ? 1 : 0));
                const Bytes samples = samples_of(kind);
                const Image image = read_all(make_tiff(kind, samples));
                EXPECT_EQ(image.colour, colour);
                EXPECT_EQ(image.alpha, extra >= 0);
                EXPECT_EQ(image.pixels, samples);
                EXPECT_EQ(image.has("tiff:262"), photometric == PHOTOMETRIC_MINISWHITE);
                if (extra >= 0) {
                    EXPECT_EQ(text_of(image.find("tiff:338")),
                              text_of(Bytes{3, 0, 1, 0, 0, 0, static_cast<uint8_t>(extra), 0}));
                }
                EXPECT_EQ(image.notes.size(), extra == 0 ? 1u : 0u);
            }
}

TEST(Tiff, PalettesBecomeColours) {
    Kind kind;
    kind.bits = 4, kind.samples = 1, kind.photometric = PHOTOMETRIC_PALETTE;
    const Bytes numbers = samples_of(kind);
    // Of 8 bits in their two usual ways, of 8 bits as some programs write them, and of 16.
    for (const auto& [factor, wide] : {std::pair{257, false}, {256, false}, {1, false}, {3001, true}}) {
        uint16_t map[3][16];
        for (int c = 0; c < 3; ++c)
            for (int i = 0; i < 16; ++i) map[c][i] = static_cast<uint16_t>((i + c) * factor);
        const auto file = make_tiff(
            kind, numbers, [&](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]); });
        const Image image = read_all(file);
        EXPECT_EQ(image.bits, wide ? 16u : 8u);
        EXPECT_TRUE(image.has("tiff:320"));
        for (size_t i = 0; i < numbers.size() * 3; ++i) {
            const int value = static_cast<int>(numbers[i / 3] + i % 3);
            uint16_t got = image.pixels[wide ? 0 : i];
            if (wide) std::memcpy(&got, &image.pixels[2 * i], 2);
            ASSERT_EQ(got, wide ? value * factor : value) << factor;
        }
    }
}

TEST(Tiff, PalettesWithAlpha) {
    Kind kind;
    kind.samples = 2, kind.photometric = PHOTOMETRIC_PALETTE, kind.extra = 2;
    const Bytes stored = samples_of(kind);
    uint16_t map[256];
    for (int i = 0; i < 256; ++i) map[i] = static_cast<uint16_t>((255 - i) * 257);
    const Image image = read_all(
        make_tiff(kind, stored, [&](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_COLORMAP, map, map, map); }));
    EXPECT_TRUE(image.alpha);
    for (size_t i = 0; i < stored.size(); i += 2) {
        ASSERT_EQ(image.pixels[2 * i], 255 - stored[i]);
        ASSERT_EQ(image.pixels[2 * i + 3], stored[i + 1]);
    }
}

TEST(Tiff, SignedSamplesAreKeptAsPatterns) {
    Kind kind;
    kind.bits = 16, kind.samples = 1, kind.photometric = PHOTOMETRIC_MINISBLACK,
    kind.format = SAMPLEFORMAT_INT;
    const Bytes samples = samples_of(kind);
    const Image image = read_all(make_tiff(kind, samples));
    EXPECT_EQ(image.pixels, samples);
    EXPECT_EQ(text_of(image.find("tiff:339")), text_of(Bytes{3, 0, 1, 0, 0, 0, 2, 0}));
}

TEST(Tiff, CompressionsAndJpegsInside) {
    for (const uint16_t compression :
         {COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS, COMPRESSION_DEFLATE}) {
        Kind kind;
        kind.compression = compression;
        const Bytes samples = samples_of(kind);
        EXPECT_EQ(read_all(make_tiff(kind, samples)).pixels, samples) << compression;
    }
    Kind fax;
    fax.bits = fax.samples = 1, fax.photometric = PHOTOMETRIC_MINISWHITE,
    fax.compression = COMPRESSION_CCITTFAX4;
    const Bytes page = samples_of(fax);
    EXPECT_EQ(read_all(make_tiff(fax, page)).pixels, page);

    Kind jpeg;
    jpeg.compression = COMPRESSION_JPEG, jpeg.photometric = PHOTOMETRIC_YCBCR, jpeg.rows_per_strip = 16;
    const Bytes grey(size_t{21} * 18 * 3, 90);
    const Image image = read_all(make_tiff(
        jpeg, grey, [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB); }));
    EXPECT_EQ(image.pixels, grey);
    EXPECT_EQ(image.notes.size(), 1u);
}

TEST(Tiff, LabIsKeptForATiffOnly) {
    for (const uint16_t photometric : {PHOTOMETRIC_CIELAB, PHOTOMETRIC_ICCLAB})
        for (const uint16_t bits : {8, 16}) {
            Kind kind;
            kind.photometric = photometric, kind.bits = bits;
            const Bytes samples = samples_of(kind);
            const Image image = read_all(make_tiff(kind, samples));
            EXPECT_EQ(image.pixels, samples);
            ASSERT_TRUE(image.has("tiff:262"));
            const Image again = read_all(write(image, OutputFormat::kTiff));
            EXPECT_EQ(again.pixels, samples);
            EXPECT_EQ(again.metadata, image.metadata);
            for (const OutputFormat format : {OutputFormat::kPng, OutputFormat::kPnm, OutputFormat::kPam})
                EXPECT_THROW((void)write(image, format), ImageError);
        }
}

// Which is not undone: it is said as a loss.
TEST(Tiff, YCbCrBecomesColours) {
    Kind kind;
    kind.photometric = PHOTOMETRIC_YCBCR, kind.compression = COMPRESSION_LZW;
    Bytes samples(size_t{kind.width} * kind.height * 3, 128);
    for (size_t i = 0; i < samples.size(); i += 3) samples[i] = static_cast<uint8_t>(i);
    const Image image = read_all(
        make_tiff(kind, samples, [](TIFF* tiff) { TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1); }));
    for (size_t i = 0; i < samples.size(); ++i) ASSERT_EQ(image.pixels[i], samples[i - i % 3]) << i;
    EXPECT_EQ(image.lost.size(), 1u);
}

TEST(Tiff, KindsThatCannotBeKeptAreNamed) {
    const auto expect_named = [](const Kind& kind, const std::string& words) {
        const Refusal refusal = refusal_of(make_tiff(kind, Bytes(size_t{1} << 16, 0)));
        EXPECT_EQ(refusal.failure, Failure::kUnsupported) << words;
        EXPECT_NE(refusal.message.find(words), std::string::npos) << refusal.message;
    };
    Kind kind;
    kind.bits = 32;
    expect_named(kind, "32 bits per sample");
    kind.format = SAMPLEFORMAT_IEEEFP;
    expect_named(kind, "floating-point");
    kind.bits = 16;
    expect_named(kind, "floating-point");
    kind.photometric = PHOTOMETRIC_YCBCR, kind.format = SAMPLEFORMAT_UINT;
    expect_named(kind, "YCbCr");
    kind = {};
    kind.samples = 5;
    expect_named(kind, "2 channels beside its colours");
}

TEST(Tiff, DamageIsAnErrorAndTheLimitIsKept) {
    Kind kind;
    kind.compression = COMPRESSION_LZW, kind.width = kind.height = 100, kind.rows_per_strip = 100;
    const Bytes file = make_tiff(kind, samples_of(kind));
    for (size_t size : {size_t{8}, size_t{20}, file.size() / 2, file.size() - 200})
        EXPECT_EQ(refusal_of(std::span(file).first(size)).failure, Failure::kDamaged) << size;
    ReadOptions options;
    options.max_bytes = 40000;
    MemorySource source(file);
    EXPECT_THROW((void)open(source, options), ImageError);
}

}  // namespace
}  // namespace image_io
