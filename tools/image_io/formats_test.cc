#include "image_io/test_files.h"

namespace image_io {
namespace {

TEST(Formats, OthersAreRefusedByNameWithWhatToDo) {
    using namespace std::string_literals;
    const struct {
        std::string beginning, name;
    } files[] = {{"\xff\x0a"s, "JPEG XL"},
                 {"\0\0\0\x0cJXL \r\n\x87\n"s, "JPEG XL"},
                 {"\0\0\0\x1c"
                  "ftypavif"s,
                  "AVIF"},
                 {"\0\0\0\x1c"
                  "ftypheic"s,
                  "HEIC"},
                 {"\0\0\0\x1c"
                  "ftypcrx "s,
                  "CR3"},
                 {"\0\0\0\x0cjP  \r\n\x87\n"s, "JPEG 2000"},
                 {"8BPS\0\1"s, "PSD"},
                 {"\x76\x2f\x31\x01"s, "OpenEXR"},
                 {"Pf\n2 2\n-1\n"s, "PFM"},
                 {"%PDF-1.7"s, "PDF"},
                 {"<svg xmlns"s, "SVG"},
                 {"<?xml version=\"1.0\"?>\n<svg xmlns"s, "SVG"},
                 {std::string(128, '\0') + "DICM", "DICOM"},
                 {"SIMPLE  =                    T"s, "FITS"},
                 {"FUJIFILMCCD-RAW 0201"s, "RAF"},
                 {"IIRO\x08\0\0\0"s, "ORF"},
                 {"IIU\0\x18\0\0\0"s, "RW2"},
                 {"\x8aMNG\r\n\x1a\n"s, "MNG"}};
    for (const auto& file : files) {
        const Refusal refusal = refusal_of(bytes_of(file.beginning));
        EXPECT_EQ(refusal.failure, Failure::kUnsupported) << file.name;
        EXPECT_NE(refusal.message.find(file.name), std::string::npos) << refusal.message;
        EXPECT_NE(refusal.message.find(';'), std::string::npos) << refusal.message;
    }
    EXPECT_EQ(refusal_of(bytes_of("II*\0\x10\0\0\0CR\2\0"s)).message.find("this is a camera raw"), 0u);
    EXPECT_EQ(refusal_of(bytes_of("some text")).failure, Failure::kDamaged);
    EXPECT_EQ(refusal_of({}).failure, Failure::kDamaged);
    EXPECT_NE(refusal_of(bytes_of("\x89RSD")).message.find("residua decode"), std::string::npos);
}

TEST(Formats, NoPageButTheFirstOfOnePicture) {
    const Bytes file = bytes_of("P5 1 1 255\nx");
    ReadOptions options;
    options.page = 1;
    EXPECT_EQ(read_all(file, options).pixels, bytes_of("x"));
    options.page = 2;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kUnsupported);
}

TEST(Formats, APartOfASource) {
    const Bytes bytes = bytes_of("0123456789");
    MemorySource whole(bytes);
    PartSource part(whole, 3, 4);
    char text[8] = "";
    EXPECT_EQ(part.read(text, 3), 3u);
    EXPECT_EQ(part.read(text + 3, 3), 1u);
    EXPECT_STREQ(text, "3456");
    EXPECT_EQ(part.read(text, 1), 0u);
    part.seek(9);
    EXPECT_EQ(part.read(text, 1), 0u);
    EXPECT_EQ(part.size(), 4u);
}

}  // namespace
}  // namespace image_io
