// TIFF files as the writer makes them, read by libtiff.
#include <gtest/gtest.h>
#include <tiffio.h>

#include <cstring>

#include "image_io/test_kinds.h"
#include "image_io/translate.h"

namespace image_io {
namespace {

using Bytes = std::vector<uint8_t>;
using Names = std::vector<std::string>;

// A file in memory for libtiff.
class Tiff {
  public:
    explicit Tiff(Bytes file) : file_(std::move(file)) {
        TIFFSetWarningHandler(nullptr);
        tiff_ = TIFFClientOpen("test", "rm", this, read, write, seek, close, size, nullptr, nullptr);
        EXPECT_NE(tiff_, nullptr);
    }
    ~Tiff() { TIFFClose(tiff_); }
    TIFF* get() const { return tiff_; }

    template <typename T>
    T field(uint32_t tag) const {
        T value{};
        EXPECT_EQ(TIFFGetField(tiff_, tag, &value), 1) << tag;
        return value;
    }
    std::vector<uint32_t> samples() const {
        const auto width = field<uint32_t>(TIFFTAG_IMAGEWIDTH), height = field<uint32_t>(TIFFTAG_IMAGELENGTH);
        const uint32_t bits = field<uint16_t>(TIFFTAG_BITSPERSAMPLE);
        const uint32_t channels = field<uint16_t>(TIFFTAG_SAMPLESPERPIXEL);
        std::vector<uint32_t> samples;
        Bytes row(static_cast<size_t>(TIFFScanlineSize(tiff_)));
        for (uint32_t y = 0; y < height; ++y) {
            EXPECT_EQ(TIFFReadScanline(tiff_, row.data(), y, 0), 1);
            for (uint32_t i = 0; i < width * channels; ++i) {
                uint32_t value = 0;
                for (uint32_t bit = i * bits; bit < (i + 1) * bits; ++bit)
                    value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1);
                if (bits == 16) value = row[2 * size_t{i}] | row[2 * size_t{i} + 1] << 8;
                samples.push_back(value);
            }
        }
        return samples;
    }

  private:
    static Tiff& self(thandle_t handle) { return *static_cast<Tiff*>(handle); }
    static tmsize_t read(thandle_t handle, void* out, tmsize_t count) {
        Tiff& file = self(handle);
        const auto left = static_cast<tmsize_t>(file.file_.size() - std::min(file.at_, file.file_.size()));
        count = std::min(count, left);
        if (count > 0) std::memcpy(out, file.file_.data() + file.at_, static_cast<size_t>(count));
        file.at_ += static_cast<size_t>(count);
        return count;
    }
    static tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
    static toff_t seek(thandle_t handle, toff_t offset, int whence) {
        Tiff& file = self(handle);
        file.at_ = static_cast<size_t>(offset + (whence == SEEK_CUR   ? file.at_
                                                 : whence == SEEK_END ? file.file_.size()
                                                                      : 0));
        return file.at_;
    }
    static int close(thandle_t) { return 0; }
    static toff_t size(thandle_t handle) { return self(handle).file_.size(); }

    Bytes file_;
    size_t at_ = 0;
    TIFF* tiff_ = nullptr;
};

TEST(TiffWriter, EveryKindComesBack) {
    for (const Colour colour : {Colour::kGrey, Colour::kRgb, Colour::kCmyk})
        for (const bool alpha : {false, true})
            for (uint32_t bits = 1; bits <= 16; ++bits) {
                Image image = make_image(13, 9, colour, alpha, bits);
                // Of a TIFF, so that its own depths are kept.
                add_field(image, Field::bytes(305, kAscii, as_bytes(std::string("me\0", 3))));
                for (const uint32_t step : {1u, 4u}) {
                    const Tiff tiff(write_by(image, OutputFormat::kTiff, step));
                    EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_BITSPERSAMPLE), bits);
                    EXPECT_EQ(tiff.samples(), numbers_of(image)) << bits << alpha << step;
                    EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_PHOTOMETRIC),
                              colour == Colour::kGrey  ? PHOTOMETRIC_MINISBLACK
                              : colour == Colour::kRgb ? PHOTOMETRIC_RGB
                                                       : PHOTOMETRIC_SEPARATED);
                    uint16_t count = 0, *kinds = nullptr;
                    EXPECT_EQ(TIFFGetField(tiff.get(), TIFFTAG_EXTRASAMPLES, &count, &kinds), alpha);
                    EXPECT_TRUE(!alpha || *kinds == EXTRASAMPLE_UNASSALPHA);
                }
                EXPECT_TRUE(place(image, OutputFormat::kTiff).left_out.empty());
            }
}

TEST(TiffWriter, OtherDepthsStandInBytesOrPairsWithTheirValues) {
    for (const uint32_t bits : {3u, 7u, 10u, 12u, 14u}) {
        const Image image = make_image(13, 9, Colour::kRgb, false, bits);
        const Tiff tiff(write(image, OutputFormat::kTiff));
        EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_BITSPERSAMPLE), bits < 8 ? 8 : 16);
        EXPECT_EQ(tiff.samples(), numbers_of(image));
        EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_MAXSAMPLEVALUE), (1 << bits) - 1);
        EXPECT_EQ(place(image, OutputFormat::kTiff).notes.size(), 1u);
    }
}

TEST(TiffWriter, FieldsComeBack) {
    Image image = make_image(4, 4, Colour::kGrey, false, 8);
    add_field(image, Field::number(tag::kOrientation, kShort, 6));
    add_field(image, Field::rational(tag::kXResolution, 600, 1));
    add_field(image, Field::rational(tag::kYResolution, 1201, 2));
    add_field(image, Field::number(tag::kResolutionUnit, kShort, 3));
    add_field(image, Field::bytes(TIFFTAG_ARTIST, kAscii, as_bytes(std::string("A. Uthor\0", 9))));
    add_field(image, Field::bytes(50000, kUndefined, Bytes(77, 9)));  // private
    add_field(image, Field::shorts(50001, std::vector<uint16_t>{1, 2, 3}));
    image.add("icc", Bytes(500, 5));
    image.add("xmp", as_bytes("<x/>"));
    image.add("tiff:trailing", as_bytes("rest"));
    const Placement placement = place(image, OutputFormat::kTiff);
    EXPECT_EQ(placement.left_out, Names());
    const Bytes file = write(image, OutputFormat::kTiff);
    EXPECT_EQ(as_text(std::span(file).last(4)), "rest");
    const Tiff tiff(file);
    EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_ORIENTATION), 6);
    EXPECT_FLOAT_EQ(tiff.field<float>(TIFFTAG_YRESOLUTION), 600.5);
    EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_RESOLUTIONUNIT), 3);
    EXPECT_STREQ(tiff.field<char*>(TIFFTAG_ARTIST), "A. Uthor");
    uint32_t count = 0;
    const uint8_t* data = nullptr;
    ASSERT_EQ(TIFFGetField(tiff.get(), 50000, &count, &data), 1);
    EXPECT_EQ(Bytes(data, data + count), Bytes(77, 9));
    ASSERT_EQ(TIFFGetField(tiff.get(), TIFFTAG_ICCPROFILE, &count, &data), 1);
    EXPECT_EQ(Bytes(data, data + count), Bytes(500, 5));
    ASSERT_EQ(TIFFGetField(tiff.get(), TIFFTAG_XMLPACKET, &count, &data), 1);
    EXPECT_EQ(as_text({data, count}), "<x/>");
    EXPECT_EQ(tiff.samples(), numbers_of(image));
}

TEST(TiffWriter, ExifBecomesDirectories) {
    Directory main;
    main.set(Field::bytes(271, kAscii, as_bytes(std::string("Maker\0", 6))));
    main.set(Field::number(tag::kOrientation, kShort, 3));
    main.below[tag::kExif].set(Field::number(34855, kShort, 800));  // ISO
    main.below[tag::kExif].below[tag::kInteroperability].set(
        Field::bytes(1, kAscii, as_bytes(std::string("R98\0", 4))));
    main.below[tag::kGps].set(Field::number(5, kByte, 1));
    Image image = make_image(4, 4, Colour::kRgb, false, 8);
    image.add("exif", make_exif(main));
    EXPECT_TRUE(place(image, OutputFormat::kTiff).left_out.empty());
    const Tiff tiff(write(image, OutputFormat::kTiff));
    EXPECT_STREQ(tiff.field<char*>(TIFFTAG_MAKE), "Maker");
    EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_ORIENTATION), 3);
    EXPECT_EQ(tiff.samples(), numbers_of(image));
    const auto exif = tiff.field<uint64_t>(TIFFTAG_EXIFIFD);
    ASSERT_EQ(TIFFReadEXIFDirectory(tiff.get(), exif), 1);
    uint16_t count = 0, *speed = nullptr;
    ASSERT_EQ(TIFFGetField(tiff.get(), EXIFTAG_ISOSPEEDRATINGS, &count, &speed), 1);
    EXPECT_EQ(*speed, 800);

    image.metadata[0].bytes.resize(20);
    EXPECT_EQ(place(image, OutputFormat::kTiff).left_out, Names{"exif (Exif)"});
}

TEST(TiffWriter, PalettesAndWhiteAtZeroComeBack) {
    Image image = make_image(8, 8, Colour::kRgb, false, 16);
    std::vector<uint16_t> map(3 * 16);
    for (size_t i = 0; i < map.size(); ++i) map[i] = static_cast<uint16_t>(i * 1237 + 11);
    add_field(image, Field::shorts(tag::kPalette, map));
    for (size_t i = 0; i < 64; ++i)
        for (size_t c = 0; c < 3; ++c)
            std::memcpy(&image.pixels[2 * (3 * i + c)], &map[c * 16 + i * 5 % 16], 2);
    const Tiff tiff(write_by(image, OutputFormat::kTiff, 3));
    EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_PHOTOMETRIC), PHOTOMETRIC_PALETTE);
    EXPECT_EQ(tiff.field<uint16_t>(TIFFTAG_BITSPERSAMPLE), 4);
    const std::vector<uint32_t> indices = tiff.samples();
    for (size_t i = 0; i < 64; ++i) EXPECT_EQ(indices[i], i * 5 % 16);
    uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
    ASSERT_EQ(TIFFGetField(tiff.get(), TIFFTAG_COLORMAP, &red, &green, &blue), 1);
    EXPECT_EQ(std::vector<uint16_t>(blue, blue + 16), std::vector<uint16_t>(map.begin() + 32, map.end()));

    Image grey = make_image(9, 4, Colour::kGrey, false, 1);
    add_field(grey, Field::number(tag::kPhotometric, kShort, 0));
    const Tiff white(write(grey, OutputFormat::kTiff));
    EXPECT_EQ(white.field<uint16_t>(TIFFTAG_PHOTOMETRIC), PHOTOMETRIC_MINISWHITE);
    EXPECT_EQ(white.samples(), numbers_of(grey));
}

TEST(TiffWriter, InvertedCmykOfJpegBecomesInk) {
    Image image = make_image(5, 5, Colour::kCmyk, false, 8);
    std::vector<uint32_t> ink;
    for (const uint32_t value : numbers_of(image)) ink.push_back(255 - value);
    image.add("jpeg:APP14", as_bytes(std::string("Adobe\0\x64\0\0\0\0\2", 12)));
    EXPECT_EQ(Tiff(write(image, OutputFormat::kTiff)).samples(), ink);
    EXPECT_TRUE(place(image, OutputFormat::kTiff).left_out.empty());
}

TEST(TiffWriter, ManyStripsOfTallPictures) {
    const Image image = make_image(3, 50000, Colour::kGrey, false, 8);
    const Tiff tiff(write_by(image, OutputFormat::kTiff, 777));
    EXPECT_EQ(tiff.samples(), numbers_of(image));
    const Image wide = make_image(300000, 3, Colour::kRgb, false, 8);
    const Tiff strips(write(wide, OutputFormat::kTiff));
    EXPECT_EQ(TIFFNumberOfStrips(strips.get()), 3u);
    EXPECT_EQ(strips.samples(), numbers_of(wide));
}

// Its head alone: the offsets of what is beyond 4 GiB must be right.
TEST(TiffWriter, BigTiffBeyondFourGigabytes) {
    Image image = make_image(1, 1, Colour::kRgb, true, 16);
    image.set_size(60000, 60000);
    Bytes head;
    const auto writer = make_writer(image, OutputFormat::kTiff, [&](std::span<const uint8_t> part) {
        head.insert(head.end(), part.begin(), part.end());
    });
    ASSERT_GT(head.size(), 16u);
    EXPECT_EQ(head[2], 43);
    const size_t end = head.size();
    head.resize(end + 100);
    const Tiff tiff(head);
    const uint32_t strips = TIFFNumberOfStrips(tiff.get());
    uint64_t next = end;
    for (uint32_t strip = 0; strip < strips; ++strip) {
        EXPECT_EQ(TIFFGetStrileOffset(tiff.get(), strip), next);
        next += TIFFGetStrileByteCount(tiff.get(), strip);
    }
    EXPECT_EQ(next, end + uint64_t{60000} * 60000 * 8);
}

}  // namespace
}  // namespace image_io
