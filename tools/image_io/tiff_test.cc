#include <tiffio.h>

#include <cstring>

#include "image_io/test_files.h"

namespace image_io {
namespace {

struct Kind {
    uint32_t width = 21, height = 18;
    uint16_t bits = 8, samples = 3, photometric = PHOTOMETRIC_RGB, planar = PLANARCONFIG_CONTIG;
    uint16_t compression = COMPRESSION_NONE, format = SAMPLEFORMAT_UINT;
    uint32_t rows_per_strip = 7;  // 0: tiles of 16 × 16
    int extra = -1;               // what an extra sample means
    bool big_endian = false, large = false;
};

// Samples of one row as libtiff takes them: packed, the first in the highest bits; 16 bits as the machine has them.
Bytes packed(const Bytes& samples, uint32_t bits) {
    if (bits == 8 || bits == 16) return samples;
    const uint32_t size = bits > 8 ? 2 : 1;
    Bytes row((samples.size() / size * bits + 7) / 8);
    for (size_t i = 0; i < samples.size() / size; ++i) {
        uint16_t value = samples[i];
        if (size == 2) std::memcpy(&value, &samples[2 * i], 2);
        for (uint32_t b = 0; b < bits; ++b) {
            const size_t at = i * bits + b;
            row[at / 8] |= static_cast<uint8_t>((value >> (bits - 1 - b) & 1) << (7 - at % 8));
        }
    }
    return row;
}

// A part of the picture, with zeros beyond it; of one plane, or of all (-1).
Bytes part_of(const Kind& kind, const Bytes& samples, uint32_t x0, uint32_t y, uint32_t width, int plane) {
    const size_t size = kind.bits > 8 ? 2 : 1;
    Bytes row;
    for (uint32_t x = x0; x < x0 + width; ++x)
        for (uint32_t c = 0; c < kind.samples; ++c) {
            if (plane >= 0 && static_cast<int>(c) != plane) continue;
            const size_t at = ((size_t{y} * kind.width + x) * kind.samples + c) * size;
            for (size_t b = 0; b < size; ++b)
                row.push_back(x < kind.width && y < kind.height ? samples[at + b] : uint8_t{0});
        }
    return packed(row, kind.bits);
}

Bytes make_tiff(const Kind& kind, const Bytes& samples, const std::function<void(TIFF*)>& change = nullptr) {
    char path[] = "/tmp/residua-tiff-XXXXXX";
    const std::string mode = std::string("w") + (kind.big_endian ? "b" : "l") + (kind.large ? "8" : "4");
    TIFF* tiff = TIFFFdOpen(mkstemp(path), path, mode.c_str());
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, kind.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kind.height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind.planar);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
    if (kind.format != SAMPLEFORMAT_UINT) TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, kind.format);
    if (kind.extra >= 0) {
        const auto meaning = static_cast<uint16_t>(kind.extra);
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &meaning);
    }
    if (kind.rows_per_strip > 0) {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.rows_per_strip);
    } else {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    }
    if (change) change(tiff);
    const bool planar = kind.planar == PLANARCONFIG_SEPARATE;
    for (int plane = 0; plane < (planar ? kind.samples : 1); ++plane) {
        const int wanted = planar ? plane : -1;
        if (kind.rows_per_strip > 0) {
            for (uint32_t y = 0; y < kind.height; ++y) {
                Bytes row = part_of(kind, samples, 0, y, kind.width, wanted);
                TIFFWriteScanline(tiff, row.data(), y, static_cast<uint16_t>(plane));
            }
            continue;
        }
        for (uint32_t top = 0; top < kind.height; top += 16)
            for (uint32_t left = 0; left < kind.width; left += 16) {
                Bytes tile;
                for (uint32_t y = top; y < top + 16; ++y) {
                    const Bytes row = part_of(kind, samples, left, y, 16, wanted);
                    tile.insert(tile.end(), row.begin(), row.end());
                }
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
    kind = {};
    kind.photometric = PHOTOMETRIC_CIELAB;
    expect_named(kind, "Lab");
    kind.photometric = PHOTOMETRIC_YCBCR;
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
