#include <zlib.h>

#include "image_io/test_files.h"
#include "image_io/writer.h"

namespace image_io {
namespace {

const Bytes kRows(48, 7);
const std::string kExif("II*\0\x08\0\0\0\0\0", 10);

std::string packed(const std::string& text) {
    std::string result(compressBound(text.size()), 0);
    uLongf size = result.size();
    compress(reinterpret_cast<Bytef*>(result.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
             text.size());
    result.resize(size);
    return result;
}

std::string profile_chunk(const std::string& name, const std::string& profile) {
    return name + std::string(2, '\0') + packed(profile);
}

TEST(PngMetadata, EveryChunkInTheFilesOrder) {
    const Bytes before =
        joined({png_chunk("gAMA", "gggg"), png_chunk("tEXt", "a"), png_chunk("prVt", "\x1b[2J"),
                png_chunk("tEXt", "b"), png_chunk("cICP", "cccc"), png_chunk("PLTE", "rgb")});
    const Bytes after =
        joined({png_chunk("tEXt", "c"), png_chunk("tIME", "seventy"), png_chunk("prVt", ""), png_end()});
    const Image image = read_all(make_png({}, kRows, before, after));
    EXPECT_EQ(metadata_of(image), (std::vector<Entry>{{"png:gAMA", "gggg"},
                                                      {"png:tEXt", "a"},
                                                      {"png:prVt", "\x1b[2J"},
                                                      {"png:tEXt", "b"},
                                                      {"png:cICP", "cccc"},
                                                      {"png:PLTE", "rgb"},
                                                      {"png-end:tEXt", "c"},
                                                      {"png-end:tIME", "seventy"},
                                                      {"png-end:prVt-empty", std::string(1, '\0')}}));
    EXPECT_TRUE(image.lost.empty());
}

TEST(PngMetadata, ProfilesAreUnpackedWhereTheyCanBe) {
    for (const std::string name : {"Adobe RGB", "Adobe RGB ", "two  spaces", "x"})
        EXPECT_EQ(
            metadata_of(read_all(make_png({}, kRows, png_chunk("iCCP", profile_chunk(name, "profile"))))),
            (std::vector<Entry>{{"icc", "profile"}, {"png:iCCP-name", name}}));
    const std::string whole = profile_chunk("name", "profile");
    std::string other_method = whole;
    other_method[5] = 1;
    for (const std::string& raw :
         {profile_chunk("", "profile"), whole.substr(0, whole.size() - 1), whole + "x", other_method,
          std::string("no zero"), std::string(90, 'n') + whole}) {
        const Image image = read_all(make_png({}, kRows, png_chunk("iCCP", raw)));
        EXPECT_EQ(metadata_of(image), (std::vector<Entry>{{"png:iCCP", raw}}));
        EXPECT_EQ(image.notes.size(), 1u);
    }
    // The first is the picture's.
    const Image two =
        read_all(make_png({}, kRows, joined({png_chunk("iCCP", whole), png_chunk("iCCP", whole)})));
    EXPECT_EQ(two.metadata.size(), 3u);
    EXPECT_EQ(two.metadata[2].name, "png:iCCP");
}

TEST(PngMetadata, AProfileThatWouldBeTooLargeStaysPacked) {
    const std::string raw = profile_chunk("bomb", std::string(size_t{1} << 22, '\0'));
    ReadOptions options;
    options.max_bytes = 1 << 20;
    const Image image = read_all(make_png({}, kRows, png_chunk("iCCP", raw)), options);
    EXPECT_EQ(metadata_of(image), (std::vector<Entry>{{"png:iCCP", raw}}));
}

TEST(PngMetadata, ExifAndXmpWhereverTheyStand) {
    const std::string xmp_head("XML:com.adobe.xmp\0\0\0\0\0", 22);
    const Bytes chunks = joined({png_chunk("eXIf", kExif), png_chunk("iTXt", xmp_head + "<x/>")});
    const std::vector<Entry> expected = {{"exif", kExif}, {"xmp", "<x/>"}};
    EXPECT_EQ(metadata_of(read_all(make_png({}, kRows, chunks))), expected);
    // Behind the pixels; the names alone would not tell.
    const Bytes behind = make_png({}, kRows, {}, joined({chunks, png_end()}));
    std::vector<Entry> placed = expected;
    placed.insert(placed.begin(), {"png:IDAT-empty", std::string(1, '\0')});
    EXPECT_EQ(metadata_of(read_all(behind)), placed);
    EXPECT_EQ(metadata_of(read_all(write(read_all(behind), OutputFormat::kPng))), placed);

    // What decoding could not put back the same is kept as it is.
    const std::string marked = std::string("Exif\0\0", 6) + kExif,
                      other_text("XML:com.adobe.xmp\0\1\0\0\0<x/>", 26);
    const Image odd =
        read_all(make_png({}, kRows, joined({png_chunk("eXIf", marked), png_chunk("iTXt", other_text)})));
    EXPECT_EQ(metadata_of(odd), (std::vector<Entry>{{"png:eXIf", marked}, {"png:iTXt", other_text}}));
    EXPECT_EQ(odd.notes.size(), 1u);
}

TEST(PngMetadata, HarmlessDamageIsReadWithANote) {
    Bytes bad_checksum = png_chunk("eXIf", kExif);
    bad_checksum.back() ^= 0xff;
    const Image checksum = read_all(make_png({}, kRows, bad_checksum));
    EXPECT_EQ(metadata_of(checksum), (std::vector<Entry>{{"exif", kExif}}));
    EXPECT_EQ(checksum.notes.size(), 1u);

    const Image no_end = read_all(make_png({}, kRows, {}, {}));
    EXPECT_EQ(no_end.notes.size(), 1u);

    const Bytes behind = png_chunk("tRNS", "zzzzzz");
    const Image trailing = read_all(make_png({}, kRows, {}, joined({png_end(), behind})));
    EXPECT_EQ(metadata_of(trailing), (std::vector<Entry>{{"png:trailing", text_of(behind)}}));
    EXPECT_NE(trailing.notes.at(0).find("18 bytes"), std::string::npos) << trailing.notes[0];

    // Cut off within what follows the pixels: all that is there is kept.
    const Bytes cut(behind.begin(), behind.end() - 5);
    const Image ended = read_all(make_png({}, kRows, {}, cut));
    EXPECT_EQ(metadata_of(ended), (std::vector<Entry>{{"png:trailing", text_of(cut)}}));
    EXPECT_EQ(ended.notes.size(), 2u);
}

TEST(PngMetadata, ChunksThatAreLargerThanTheLimitAreNotHeld) {
    ReadOptions options;
    options.max_bytes = 1000;
    const Bytes file = make_png({}, kRows, png_chunk("tEXt", std::string(2000, 'x')));
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kMemory);
}

}  // namespace
}  // namespace image_io
