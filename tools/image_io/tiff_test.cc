#include <tiffio.h>

#include <array>
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
    // Of the heights of strips two each time, in turn.
    for (uint16_t bits = 1; bits <= 16; ++bits)
        for (const uint32_t rows : bits % 2 == 0 ? std::array{0U, 7U} : std::array{1U, 100U})
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

// Colours and alpha of any bits: what has fewer of them is spread over the range of the other.
TEST(Tiff, PalettesAndAlphaOfDifferentBits) {
    for (const uint16_t bits : {1, 2, 3, 4, 7, 8, 11, 16})
        for (const bool wide : {false, true}) {
            SCOPED_TRACE(std::to_string(bits) + " bits" + (wide ? ", wide colours" : ""));
            Kind kind;
            kind.samples = 2, kind.photometric = PHOTOMETRIC_PALETTE, kind.extra = 2, kind.bits = bits;
            const Bytes stored = samples_of(kind);
            std::vector<uint16_t> map(size_t{1} << bits);
            for (size_t i = 0; i < map.size(); ++i)
                map[i] = static_cast<uint16_t>(wide ? i * 31 + 258 : (i * 3 + 1) % 256 * 257);
            const Image image = read_all(make_tiff(kind, stored, [&](TIFF* tiff) {
                TIFFSetField(tiff, TIFFTAG_COLORMAP, map.data(), map.data(), map.data());
            }));
            const bool deep = wide || bits > 8;
            ASSERT_EQ(image.bits, deep ? 16u : 8u);
            const auto at = [](const Bytes& samples, size_t i, bool two) {
                uint16_t value = samples[two ? 2 * i : i];
                if (two) std::memcpy(&value, &samples[2 * i], 2);
                return value;
            };
            for (size_t i = 0; i < image.pixels.size() / (deep ? 8 : 4); ++i) {
                const uint32_t colour = map[at(stored, 2 * i, bits > 8)];
                ASSERT_EQ(at(image.pixels, 4 * i, deep), deep ? colour : colour >> 8);
                // The nearest value of the larger range, from which the smaller one comes back.
                const uint32_t alpha = at(image.pixels, 4 * i + 3, deep), most = (1U << bits) - 1,
                               white = deep ? 65535 : 255;
                ASSERT_EQ((uint64_t{alpha} * most + white / 2) / white, at(stored, 2 * i + 1, bits > 8));
            }
        }
}

// Of more than 16 bits, when 16 say all; back in a TIFF as they were.
TEST(Tiff, WideIntegersThatFit) {
    for (const uint16_t bits : {24, 32, 64})
        for (const uint16_t format : {SAMPLEFORMAT_UINT, SAMPLEFORMAT_INT})
            for (const bool big_endian : {false, true})
                for (const uint32_t rows : {0U, 7U}) {
                    const uint16_t planar =
                        (rows == 0) == big_endian ? PLANARCONFIG_CONTIG : PLANARCONFIG_SEPARATE;
                    Kind kind;
                    kind.bits = bits, kind.format = format, kind.rows_per_strip = rows;
                    kind.big_endian = big_endian, kind.planar = planar;
                    Bytes samples = noise(size_t{kind.width} * kind.height * 3, 16);
                    if (format == SAMPLEFORMAT_INT)  // none above 32767, and some below 0
                        for (size_t i = 0; i < samples.size(); i += 2) {
                            uint16_t value = 0;
                            std::memcpy(&value, &samples[i], 2);
                            value = static_cast<uint16_t>(value % 3 == 0 ? value | 0x8000 : value & 0x7fff);
                            std::memcpy(&samples[i], &value, 2);
                        }
                    const Image image = read_all(make_tiff(kind, samples));
                    EXPECT_EQ(image.bits, 16u);
                    EXPECT_EQ(image.pixels, samples);
                    EXPECT_EQ(image.notes.size(), 1u);
                    const Image again = read_all(write(image, OutputFormat::kTiff));
                    EXPECT_EQ(again.pixels, samples);
                    EXPECT_EQ(again.metadata, image.metadata);
                    EXPECT_EQ(again.notes, image.notes);
                    EXPECT_TRUE(place(image, OutputFormat::kTiff).left_out.empty());
                    EXPECT_EQ(place(image, OutputFormat::kPng).left_out.empty(), format == SAMPLEFORMAT_UINT);
                }
}

// Grey samples side by side, as 16 bits after a look at all of them; empty with the refusal in `words`.
std::vector<uint16_t> narrowed(const std::vector<uint64_t>& values, uint16_t bits, uint16_t format,
                               std::string& words) {
    TiffMaker maker;
    Bytes strip;
    for (const uint64_t value : values) {
        const Bytes bytes = maker.number(value, bits / 8);
        strip.insert(strip.end(), bytes.begin(), bytes.end());
    }
    const uint64_t position = maker.add(strip);
    auto fields = tiff_picture(static_cast<uint32_t>(values.size()), 1, bits, 1, 1, position, strip.size());
    fields.push_back({339, 3, {format}});
    const Bytes file = maker.finish(maker.add_directory(fields));
    try {
        const Image image = read(file, ReadOptions());
        const Bytes again = write(image, OutputFormat::kTiff);
        // The very samples that the file had.
        if (bits == 32) {
            EXPECT_TRUE(
                std::equal(strip.begin(), strip.end(), again.end() - static_cast<ptrdiff_t>(strip.size())));
        }
        std::vector<uint16_t> samples(values.size());
        std::memcpy(samples.data(), image.pixels.data(), image.pixels.size());
        return samples;
    } catch (const ImageError& error) {
        EXPECT_EQ(error.failure(), Failure::kUnsupported);
        words = error.what();
        return {};
    }
}

TEST(Tiff, WideIntegersAreLookedAtBeforeTheyAreNarrowed) {
    using Values = std::vector<uint64_t>;
    using Narrow = std::vector<uint16_t>;
    std::string words;
    for (const uint16_t bits : {24, 32, 64}) {
        SCOPED_TRACE(bits);
        const uint64_t all = bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
        for (const uint16_t format : {SAMPLEFORMAT_UINT, SAMPLEFORMAT_INT})
            EXPECT_EQ(narrowed({0, 7, 65535}, bits, format, words), (Narrow{0, 7, 65535}));
        EXPECT_EQ(narrowed({all, all - 32767, 32767}, bits, SAMPLEFORMAT_INT, words),
                  (Narrow{65535, 32768, 32767}));
        const std::tuple<Values, uint16_t, std::string> refused[] = {
            {{1, 65536}, SAMPLEFORMAT_UINT, "from 0 to 65536"},
            {{all}, SAMPLEFORMAT_UINT, "need more than the 16 bits"},
            {{all, 32768}, SAMPLEFORMAT_INT, "from -1 to 32768"},
            {{all - 32768}, SAMPLEFORMAT_INT, "from -32769 to 0"},
            {{uint64_t{1} << (bits - 1)}, SAMPLEFORMAT_INT, "need more than the 16 bits"}};
        for (const auto& [values, format, expected] : refused) {
            if (bits == 32 && values.size() == 1 && format == SAMPLEFORMAT_UINT) continue;  // 65535 stretched
            EXPECT_TRUE(narrowed(values, bits, format, words).empty());
            EXPECT_NE(words.find(expected), std::string::npos) << words;
        }
    }
    // As programs stretch 16 bits to 32.
    EXPECT_EQ(narrowed({65537, 0, 65537 * 500, 0xffffffff}, 32, SAMPLEFORMAT_UINT, words),
              (Narrow{1, 0, 500, 65535}));
    EXPECT_TRUE(narrowed({65537, 1}, 32, SAMPLEFORMAT_UINT, words).empty());
    EXPECT_TRUE(narrowed({1, 65537}, 32, SAMPLEFORMAT_UINT, words).empty());
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
    kind.bits = 32, kind.format = SAMPLEFORMAT_IEEEFP;
    expect_named(kind, "floating-point");
    kind.bits = 16;
    expect_named(kind, "floating-point");
    kind.photometric = PHOTOMETRIC_YCBCR, kind.format = SAMPLEFORMAT_UINT;
    expect_named(kind, "YCbCr");
    kind = {};
    kind.samples = 5;
    expect_named(kind, "2 channels beside its colours");
    TiffMaker maker;
    const uint64_t strip = maker.add(Bytes(5));
    const Refusal refusal =
        refusal_of(maker.finish(maker.add_directory(tiff_picture(1, 1, 40, 1, 1, strip, 5))));
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("40 bits per sample"), std::string::npos) << refusal.message;
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
