// clang-format off
#include <cstdio>  // before the library's header, which needs it
#include <jpeglib.h>
// clang-format on

#include <algorithm>

#include "image_io/test_files.h"

namespace image_io {
namespace {

constexpr int kApp0 = 0xe0, kApp1 = 0xe1, kApp2 = 0xe2, kApp13 = 0xed, kComment = 0xfe;

// Where the first marker of this kind begins.
size_t find_marker(const Bytes& file, uint8_t marker) {
    for (size_t i = 0; i + 1 < file.size(); ++i)
        if (file[i] == 0xff && file[i + 1] == marker) return i;
    ADD_FAILURE() << "no marker";
    return 0;
}

Bytes with_bytes_at(const Bytes& file, size_t position, std::span<const uint8_t> bytes) {
    const std::span<const uint8_t> all(file);
    return joined({all.first(position), bytes, all.subspan(position)});
}

TEST(Jpeg, PixelsAreLibjpegs) {
    for (const bool progressive : {false, true}) {
        const Bytes rgb = make_jpeg({61, 47, JCS_RGB, 3, progressive});
        EXPECT_EQ(read_all(rgb).pixels, decoded_jpeg(rgb, JCS_RGB));
        const Bytes grey = make_jpeg({61, 47, JCS_GRAYSCALE, 1, progressive});
        const Image image = read_all(grey);
        EXPECT_EQ(image.colour, Colour::kGrey);
        EXPECT_EQ(image.pixels, decoded_jpeg(grey, JCS_GRAYSCALE));
        for (const bool adobe : {false, true}) {
            const Bytes cmyk = make_jpeg({61, 47, JCS_CMYK, 4, progressive, adobe});
            const Image four = read_all(cmyk);
            EXPECT_EQ(four.colour, Colour::kCmyk);
            EXPECT_EQ(four.pixels, decoded_jpeg(cmyk, JCS_CMYK));
            EXPECT_TRUE(four.has("jpeg:APP14"));
        }
    }
}

TEST(Jpeg, EverySegmentInTheFilesOrder) {
    const std::string exif("II*\0\x08\0\0\0", 8), xmp_mark("http://ns.adobe.com/xap/1.0/\0", 29);
    const std::string more("http://ns.adobe.com/xmp/extension/\0xx", 37);
    const Bytes file = make_jpeg({}, {{kApp1, bytes_of(std::string("Exif\0\0", 6) + exif)},
                                      {kComment, bytes_of("first")},
                                      {kApp13, bytes_of("Photoshop 3.0")},
                                      {kApp1, bytes_of(xmp_mark + "<x/>")},
                                      {kApp1, bytes_of(more)},
                                      {kApp2, bytes_of(std::string("ICC_PROFILE\0\1\2", 14) + "pro")},
                                      {kComment, {}},
                                      {kApp2, bytes_of(std::string("ICC_PROFILE\0\2\2", 14) + "file")},
                                      {kComment, bytes_of("second")}});
    const Image image = read_all(file);
    EXPECT_EQ(metadata_of(image),
              (std::vector<Entry>{{"jpeg:APP0", std::string("JFIF\0\1\1\0\0\1\0\1\0\0", 14)},
                                  {"exif", exif},
                                  {"jpeg:COM", "first"},
                                  {"jpeg:APP13", "Photoshop 3.0"},
                                  {"xmp", "<x/>"},
                                  {"jpeg:APP1", more},
                                  {"icc", "profile"},
                                  {"jpeg:COM-empty", std::string(1, '\0')},
                                  {"jpeg:COM", "second"}}));
    EXPECT_TRUE(image.notes.empty());
    EXPECT_TRUE(image.lost.empty());
}

TEST(Jpeg, PartsOfAProfileThatDoNotFitAreKept) {
    const std::string part = std::string("ICC_PROFILE\0\1\2", 14) + "pro";
    const Image image = read_all(make_jpeg({}, {{kApp2, bytes_of(part)}}));
    EXPECT_FALSE(image.has("icc"));
    EXPECT_EQ(text_of(image.find("jpeg:APP2")), part);
    EXPECT_EQ(image.notes.size(), 1u);
    // The same one twice, and no other.
    const Image twice = read_all(make_jpeg({}, {{kApp2, bytes_of(part)}, {kApp2, bytes_of(part)}}));
    EXPECT_FALSE(twice.has("icc"));
    EXPECT_EQ(std::ranges::count(twice.metadata, "jpeg:APP2", &Metadata::name), 2);
}

TEST(Jpeg, HarmlessDamageIsReadWithANote) {
    const Bytes file = make_jpeg();
    const Bytes pixels = decoded_jpeg(file, JCS_RGB);
    const auto expect_note = [&](const Bytes& odd, const std::string& words) {
        const Image image = read_all(odd);
        EXPECT_EQ(image.pixels, pixels);
        ASSERT_EQ(image.notes.size(), 1u) << words;
        EXPECT_NE(image.notes[0].find(words), std::string::npos) << image.notes[0];
        EXPECT_TRUE(image.lost.empty());
    };
    expect_note(Bytes(file.begin(), file.end() - 2), "no end mark");
    Bytes version = file;
    version[find_marker(file, kApp0) + 9] = 2;
    expect_note(version, "revision of JFIF");
    expect_note(joined({bytes_of("\r\n"), file}), "2 bytes before");
    const Bytes gap = with_bytes_at(file, find_marker(file, 0xdb), bytes_of("abc"));
    expect_note(gap, "3 bytes between two segments");
    EXPECT_EQ(text_of(read_all(gap).find("jpeg:extraneous")), "abc");
    const Bytes video = noise(100000, 8);
    const Bytes motion = joined({file, video});
    expect_note(motion, "100000 bytes behind");
    EXPECT_EQ(text_of(read_all(motion).find("jpeg:trailing")), text_of(video));
}

TEST(Jpeg, AHeightBehindThePixelsIsFound) {
    Bytes file = make_jpeg();
    const size_t frame = find_marker(file, 0xc0);
    const Bytes height(file.begin() + static_cast<ptrdiff_t>(frame) + 5,
                       file.begin() + static_cast<ptrdiff_t>(frame) + 7);
    const Bytes pixels = decoded_jpeg(file, JCS_RGB);
    file[frame + 5] = file[frame + 6] = 0;
    const Bytes line_count = jpeg_segment(0xdc, height);
    EXPECT_EQ(read_all(with_bytes_at(file, file.size() - 2, line_count)).pixels, pixels);
}

TEST(Jpeg, KindsThatCannotBeReadAreNamed) {
    const Bytes file = make_jpeg();
    const size_t frame = find_marker(file, 0xc0);
    const auto expect_named = [&](size_t at, uint8_t value, const std::string& words) {
        Bytes changed = file;
        changed[frame + at] = value;
        const Refusal refusal = refusal_of(changed);
        EXPECT_EQ(refusal.failure, Failure::kUnsupported) << words;
        EXPECT_NE(refusal.message.find(words), std::string::npos) << refusal.message;
    };
    expect_named(4, 12, "12 bits");
    expect_named(1, 0xc3, "lossless JPEG");
    expect_named(1, 0xc5, "hierarchical");
    expect_named(1, 0xf7, "JPEG-LS");
    expect_named(9, 2, "2 channels");
}

TEST(Jpeg, DamageOfPixelsIsAnError) {
    for (const bool progressive : {false, true}) {
        const Bytes file = make_jpeg({200, 150, JCS_RGB, 3, progressive});
        for (const size_t missing : {size_t{30}, file.size() / 2, file.size() - 100})
            EXPECT_EQ(refusal_of(std::span(file).first(file.size() - missing)).failure, Failure::kDamaged)
                << progressive << missing;
    }
    ReadOptions options;
    options.max_bytes = 32 * 24 * 3 - 1;
    EXPECT_EQ(refusal_of(make_jpeg(), options).failure, Failure::kMemory);
}

// All that is there is right, but there was more.
TEST(Jpeg, AMissingLastScanIsAnError) {
    const Bytes file = make_jpeg({64, 48, JCS_RGB, 3, true});
    const Bytes scan = {0xff, 0xda};
    const auto last = std::find_end(file.begin(), file.end(), scan.begin(), scan.end());
    EXPECT_NE(refusal_of(Bytes(file.begin(), last)).message.find("last scans are missing"),
              std::string::npos);
}

// Coefficients are held as a whole, which a few bytes may claim to be huge.
TEST(Jpeg, ClaimsWithoutPixelsAreRefusedBeforeAnythingIsHeld) {
    Bytes file = make_jpeg({32, 24, JCS_RGB, 3, true});
    const size_t frame = find_marker(file, 0xc2);
    for (size_t i = 5; i < 9; ++i) file[frame + i] = 0xfe;
    EXPECT_NE(refusal_of(file).message.find("claims too many"), std::string::npos);
    ReadOptions options;
    options.max_bytes = 100000;
    EXPECT_EQ(refusal_of(make_jpeg({200, 200, JCS_RGB, 3, true}), options).failure, Failure::kMemory);
    options = {UINT64_MAX, 0, [] { return true; }};
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kInterrupted);
}

// An index of two pictures: MPO, or a gain map.
TEST(Jpeg, OfSeveralPicturesOneMustBeChosen) {
    const Bytes second = make_jpeg({16, 8});
    const auto index = [&](size_t position) {
        return joined({bytes_of(std::string("MPF\0MM\0*", 8)), big_endian(8, 4), big_endian(1, 2),
                       big_endian(0xb002, 2), big_endian(7, 2), big_endian(32, 4), big_endian(26, 4),
                       big_endian(0, 4), Bytes(16, 0), big_endian(0, 4), big_endian(second.size(), 4),
                       big_endian(position, 4), big_endian(0, 4)});
    };
    const Bytes draft = make_jpeg({}, {{kApp2, index(0)}});
    const size_t base = find_marker(draft, kApp2) + 8;
    const Bytes first = make_jpeg({}, {{kApp2, index(draft.size() - base)}});
    ASSERT_EQ(first.size(), draft.size());
    const Bytes file = joined({first, second});
    const Refusal refusal = refusal_of(file);
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("holds 2 pictures"), std::string::npos) << refusal.message;
    ReadOptions options;
    options.page = 1;
    EXPECT_EQ(read_all(file, options).pixels, decoded_jpeg(first, JCS_RGB));
    EXPECT_EQ(read_all(file, options).lost.size(), 1u);
    options.page = 2;
    EXPECT_EQ(read_all(file, options).pixels, decoded_jpeg(second, JCS_RGB));
    options.page = 3;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kUnsupported);
    // Without the second picture the index is no more than metadata.
    EXPECT_TRUE(read_all(first).has("jpeg:APP2"));
}

}  // namespace
}  // namespace image_io
