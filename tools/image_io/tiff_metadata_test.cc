#include "image_io/test_files.h"

namespace image_io {
namespace {

const Bytes kPixels = {1, 2, 3, 4, 5, 6};

// A picture of 2 × 1 with these fields beside its own.
struct File {
    explicit File(bool big_endian = false, bool large = false)
        : maker(big_endian, large), fields(tiff_picture(2, 1, 8, 3, 2, maker.add(kPixels), 6)) {}
    Bytes finish(uint64_t next = 0) { return maker.finish(maker.add_directory(fields, next)); }

    TiffMaker maker;
    std::vector<TiffField> fields;
};

std::string kept(uint16_t type, uint32_t count, const std::string& values) {
    return text_of(joined({little_endian(type, 2), little_endian(count, 4), bytes_of(values)}));
}

TEST(TiffMetadata, TagsThatDescribeInEitherByteOrder) {
    for (const bool big_endian : {false, true})
        for (const bool large : {false, true}) {
            File file(big_endian, large);
            file.fields.push_back(tiff_text(270, "A \x1b[31m page"));
            file.fields.push_back({274, 3, {6}});
            file.fields.push_back({282, 5, {0x01020304, 1}});
            file.fields.push_back({339, 3, {1, 1, 1}});
            file.fields.push_back({700, 1, {'<', 'x', '/', '>'}});
            file.fields.push_back({33723, 4, {0x1c020000}});
            file.fields.push_back({34377, 7, {'8', 'B', 'I', 'M', 0}});
            file.fields.push_back({34675, 7, {'i', 'c', 'c'}});
            file.fields.push_back({65000, 12, {0x3ff0000000000000}});
            const Image image = read_all(file.finish());
            EXPECT_EQ(
                metadata_of(image),
                (std::vector<Entry>{{"tiff:270", kept(2, 13, std::string("A \x1b[31m page\0", 13))},
                                    {"tiff:274", kept(3, 1, std::string("\6\0", 2))},
                                    {"tiff:282", kept(5, 1, std::string("\4\3\2\1\1\0\0\0", 8))},
                                    {"xmp", "<x/>"},
                                    {"tiff:33723", kept(4, 1, std::string("\0\0\2\x1c", 4))},
                                    {"tiff:34377", kept(7, 5, std::string("8BIM\0", 5))},
                                    {"icc", "icc"},
                                    {"tiff:65000", kept(12, 1, std::string("\0\0\0\0\0\0\xf0\x3f", 8))}}));
            EXPECT_EQ(image.pixels, kPixels);
            EXPECT_TRUE(image.lost.empty());
        }
}

// A block of its own, in the file's byte order, with the directories that the file had.
TEST(TiffMetadata, ExifAndGpsAndTheirThumbnail) {
    for (const bool big_endian : {false, true}) {
        File file(big_endian);
        TiffMaker& maker = file.maker;
        const uint64_t interoperability = maker.add_directory({tiff_text(1, "R98")});
        const uint64_t exif = maker.add_directory({{33434, 5, {1, 250}},
                                                   {37500, 7, {'m', 'a', 'k', 'e', 'r', '!'}},
                                                   {40965, 4, {interoperability}}});
        const uint64_t gps = maker.add_directory({{0, 1, {2, 3, 0, 0}}});
        const uint64_t jpeg = maker.add(bytes_of("thumbnail"));
        const uint64_t thumbnail = maker.add_directory({{259, 3, {6}}, {513, 4, {jpeg}}, {514, 4, {9}}});
        file.fields.push_back({34665, 4, {exif}});
        file.fields.push_back({34853, 4, {gps}});
        const Image image = read_all(file.finish(thumbnail));
        ASSERT_EQ(image.metadata.size(), 1u);

        TiffMaker expected(big_endian);
        const auto n = [&](uint64_t value, int size) { return expected.number(value, size); };
        const auto field = [&](uint64_t tag, uint64_t type, uint64_t count, Bytes value) {
            value.resize(4);
            return joined({n(tag, 2), n(type, 2), n(count, 4), value});
        };
        // Position of each: 8 main; 38 Exif, 80 its fraction, 88 the maker's note, 94 interoperability; 112 GPS;
        // 130 the thumbnail's, 172 its JPEG.
        const Bytes block = joined({bytes_of(big_endian ? "MM" : "II"),
                                    n(42, 2),
                                    n(8, 4),
                                    n(2, 2),
                                    field(34665, 4, 1, n(38, 4)),
                                    field(34853, 4, 1, n(112, 4)),
                                    n(130, 4),
                                    n(3, 2),
                                    field(33434, 5, 1, n(80, 4)),
                                    field(37500, 7, 6, n(88, 4)),
                                    field(40965, 4, 1, n(94, 4)),
                                    n(0, 4),
                                    n(1, 4),
                                    n(250, 4),
                                    bytes_of("maker!"),
                                    n(1, 2),
                                    field(1, 2, 4, bytes_of("R98")),
                                    n(0, 4),
                                    n(1, 2),
                                    field(0, 1, 4, {2, 3, 0, 0}),
                                    n(0, 4),
                                    n(3, 2),
                                    field(259, 3, 1, n(6, 2)),
                                    field(513, 4, 1, n(172, 4)),
                                    field(514, 4, 1, n(9, 4)),
                                    n(0, 4),
                                    bytes_of("thumbnail")});
        EXPECT_EQ(text_of(image.find("exif")), text_of(block));
    }
}

TEST(TiffMetadata, WhatCannotBeReadIsNamed) {
    File file;
    file.fields.push_back({34665, 4, {99999}});
    file.fields.push_back({40000, 4, {1, 2, 3}});
    Bytes bytes = file.finish();
    // The count of the last field, which makes it larger than the file.
    const Bytes head = joined({little_endian(40000, 2), little_endian(4, 2)});
    const auto at = std::search(bytes.begin(), bytes.end(), head.begin(), head.end());
    ASSERT_NE(at, bytes.end());
    at[6] = 0xff;
    const Image image = read_all(bytes);
    EXPECT_EQ(image.lost.size(), 2u);
    EXPECT_TRUE(image.metadata.empty());
}

TEST(TiffMetadata, BytesBehindAllThatIsReferredTo) {
    File file;
    const Bytes whole = file.finish();
    const Image image = read_all(joined({whole, bytes_of("appended")}));
    EXPECT_EQ(metadata_of(image), (std::vector<Entry>{{"tiff:trailing", "appended"}}));
    EXPECT_TRUE(read_all(joined({whole, Bytes(2, 0)})).metadata.empty());
}

TEST(TiffPages, OneOfSeveralMustBeChosen) {
    TiffMaker maker;
    const Bytes first = {1, 2, 3, 4, 5, 6}, second = {7, 8, 9};
    const uint64_t later = maker.add_directory(tiff_picture(1, 1, 8, 3, 2, maker.add(second), 3));
    const Bytes file =
        maker.finish(maker.add_directory(tiff_picture(2, 1, 8, 3, 2, maker.add(first), 6), later));
    const Refusal refusal = refusal_of(file);
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("holds 2 pictures; choose one with --page 1 to --page 2"),
              std::string::npos);
    ReadOptions options;
    options.page = 1;
    EXPECT_EQ(read_all(file, options).pixels, first);
    options.page = 2;
    const Image image = read_all(file, options);
    EXPECT_EQ(image.pixels, second);
    EXPECT_EQ(image.lost, std::vector<std::string>{"the other 1 picture of the file"});
    options.page = 3;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kUnsupported);
}

TEST(TiffPages, ADirectoryThatComesAgainIsNoOther) {
    TiffMaker maker;
    auto fields = tiff_picture(2, 1, 8, 3, 2, maker.add(kPixels), 6);
    const uint64_t position = maker.add_directory(fields);
    TiffMaker again;
    EXPECT_EQ(again.add(kPixels), 8u);
    EXPECT_EQ(read_all(again.finish(again.add_directory(fields, position))).pixels, kPixels);
}

// What such a file has lost is said, and its picture is read.
TEST(TiffPages, DirectoriesThatDoNotLieInTheFile) {
    const auto picture = [](TiffMaker& maker) { return tiff_picture(2, 1, 8, 3, 2, maker.add(kPixels), 6); };
    TiffMaker maker;
    const Image cut = read_all(maker.finish(maker.add_directory(picture(maker), 100000)));
    EXPECT_EQ(cut.pixels, kPixels);
    ASSERT_EQ(cut.lost.size(), 1u);
    EXPECT_NE(cut.lost[0].find("further pictures"), std::string::npos);
    TiffMaker with_below;
    auto fields = picture(with_below);
    fields.push_back({330, 4, {100000}});
    const Image image = read_all(with_below.finish(with_below.add_directory(fields)));
    EXPECT_EQ(image.pixels, kPixels);
    EXPECT_EQ(image.lost.size(), 1u);
    TiffMaker outside;
    EXPECT_EQ(refusal_of(outside.finish(100000)).failure, Failure::kDamaged);
}

// Their first picture is a thumbnail, or what it seems to be is what a sensor saw.
TEST(TiffPages, CameraRawsAreRefusedByName) {
    const Bytes sensor(64, 5);
    for (const uint32_t photometric : {32803U, 34892U}) {
        TiffMaker maker;
        const uint64_t below =
            maker.add_directory(tiff_picture(8, 4, 16, 1, photometric, maker.add(sensor), 64));
        auto fields = tiff_picture(2, 1, 8, 3, 2, maker.add(kPixels), 6);
        fields.push_back({330, 4, {below}});
        EXPECT_NE(refusal_of(maker.finish(maker.add_directory(fields))).message.find("camera raw"),
                  std::string::npos);
    }
    const auto raw_with = [](const TiffField& field) {
        File file;
        file.fields.push_back(field);
        return refusal_of(file.finish());
    };
    EXPECT_NE(raw_with({50706, 1, {1, 4, 0, 0}}).message.find("camera raw"), std::string::npos);
    const Refusal reduced = raw_with({254, 4, {1}});
    EXPECT_EQ(reduced.failure, Failure::kUnsupported);
    EXPECT_NE(reduced.message.find("--page 1"), std::string::npos);
}

}  // namespace
}  // namespace image_io
