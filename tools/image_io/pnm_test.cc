#include <cstring>

#include "image_io/test_files.h"
#include "image_io/writer.h"

namespace image_io {
namespace {

Image of_text(const std::string& text) { return read_all(bytes_of(text)); }

std::string values(const Image& image) {
    std::string text;
    for (size_t i = 0; i < image.pixels.size(); i += image.sample_bytes()) {
        uint16_t value = image.pixels[i];
        if (image.bits > 8) std::memcpy(&value, &image.pixels[i], 2);
        if (!text.empty()) text += ' ';
        text += std::to_string(value);
    }
    return text;
}

TEST(Pnm, EveryKindAsTextAndBytes) {
    const struct {
        std::string file;
        uint32_t bits, channels;
        std::string expected;
    } kinds[] = {
        // In bitmaps 1 is black.
        {"P1 3 2 101\n0 1 0", 1, 1, "0 1 0 1 0 1"},
        {std::string("P4\n10 2\n\xa0\x40\xff\xc0", 12), 1, 1, "0 1 0 1 1 1 1 1 1 0 0 0 0 0 0 0 0 0 0 0"},
        {"P2 3 1 9\n0 9 5", 4, 1, "0 9 5"},
        {"P5\n3 1\n255\nabc", 8, 1, "97 98 99"},
        {std::string("P5 2 1 1000\n\x03\xe8\x00\x01", 16), 10, 1, "1000 1"},
        {std::string("P5 1 1 65535\n\xff\xfe", 15), 16, 1, "65534"},
        {"P3 1 1 255 1 2 255", 8, 3, "1 2 255"},
        {"P6 1 1 255\nabc", 8, 3, "97 98 99"},
        {std::string("P6 1 1 4095\n\x0f\xff\x00\x00\x00\x07", 18), 12, 3, "4095 0 7"},
    };
    for (const auto& kind : kinds) {
        const Image image = of_text(kind.file);
        EXPECT_EQ(image.bits, kind.bits) << kind.file;
        EXPECT_EQ(image.channels(), kind.channels) << kind.file;
        EXPECT_EQ(values(image), kind.expected) << kind.file;
    }
}

TEST(Pnm, PamOfEveryType) {
    const auto pam = [](int depth, int maximum, const std::string& type, const std::string& data) {
        std::string file = "P7\n# made here\nWIDTH 1\nHEIGHT 1\nDEPTH ";
        file += std::to_string(depth) + "\nMAXVAL " + std::to_string(maximum) + "\n";
        if (!type.empty()) file += "TUPLTYPE " + type + "\n";
        return of_text(file + "ENDHDR\n" + data);
    };
    const struct {
        int depth, maximum;
        const char* type;
        Colour colour;
        bool alpha;
    } kinds[] = {{1, 1, "BLACKANDWHITE", Colour::kGrey, false},
                 {2, 1, "BLACKANDWHITE_ALPHA", Colour::kGrey, true},
                 {1, 255, "GRAYSCALE", Colour::kGrey, false},
                 {2, 255, "GRAYSCALE_ALPHA", Colour::kGrey, true},
                 {3, 255, "RGB", Colour::kRgb, false},
                 {4, 255, "RGB_ALPHA", Colour::kRgb, true},
                 {4, 255, "CMYK", Colour::kCmyk, false},
                 {5, 255, "CMYK_ALPHA", Colour::kCmyk, true},
                 {2, 255, "", Colour::kGrey, true},
                 {3, 255, "", Colour::kRgb, false}};
    for (const auto& kind : kinds) {
        const std::string data = std::string("\1\0\1\0\1", 5).substr(0, static_cast<size_t>(kind.depth));
        const Image image = pam(kind.depth, kind.maximum, kind.type, data);
        EXPECT_EQ(image.colour, kind.colour) << kind.type;
        EXPECT_EQ(image.alpha, kind.alpha) << kind.type;
        EXPECT_EQ(text_of(image.pixels), data);
        EXPECT_EQ(metadata_of(image), (std::vector<Entry>{{"pnm:comment", " made here"}})) << kind.type;
    }
    // Of a type of their own: what so many channels mostly are, and a PAM says the type again.
    const std::pair<Colour, bool> usual[] = {{Colour::kGrey, false},
                                             {Colour::kGrey, true},
                                             {Colour::kRgb, false},
                                             {Colour::kRgb, true},
                                             {Colour::kCmyk, true}};
    for (int depth = 1; depth <= 5; ++depth) {
        const std::string data = std::string("abcde").substr(0, static_cast<size_t>(depth));
        const Image image = pam(depth, 255, "DEPTH_MAP", data);
        EXPECT_EQ(image.colour, usual[depth - 1].first);
        EXPECT_EQ(image.alpha, usual[depth - 1].second);
        EXPECT_EQ(text_of(image.pixels), data);
        EXPECT_EQ(text_of(image.find("pnm:tuple-type")), "DEPTH_MAP");
        EXPECT_EQ(image.notes.size(), 1u);
        const Image again = read_all(write(image, OutputFormat::kPam));
        EXPECT_EQ(again.pixels, image.pixels);
        EXPECT_EQ(again.metadata, image.metadata);
    }
    const Refusal many =
        refusal_of(bytes_of("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 6\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\nabcdef"));
    EXPECT_EQ(many.failure, Failure::kUnsupported);
    EXPECT_NE(many.message.find("pamchannel"), std::string::npos) << many.message;
}

TEST(Pnm, ThumbnailsOfXv) {
    const Image image =
        of_text("P7 332\n#IMGINFO:2x1 RGB\n#END_OF_COMMENTS\n3 1 255\n\xff" + std::string(1, 0) + "\x4d");
    EXPECT_EQ(values(image), "255 255 255 0 0 0 72 109 85");
    EXPECT_EQ(metadata_of(image),
              (std::vector<Entry>{{"pnm:comment", "IMGINFO:2x1 RGB"}, {"pnm:comment", "END_OF_COMMENTS"}}));
    EXPECT_EQ(refusal_of(bytes_of("P7 332\n3 1 255\nab")).failure, Failure::kDamaged);
    EXPECT_EQ(refusal_of(bytes_of("P7 332\n3 1 15\nabc")).failure, Failure::kDamaged);
}

TEST(Pnm, LargestValuesAndCommentsAreKept) {
    EXPECT_EQ(metadata_of(of_text("P5\n# one\n1 #two\n1\n100\nd")),
              (std::vector<Entry>{{"pnm:comment", " one"}, {"pnm:comment", "two"}, {"pnm:maxval", "100"}}));
    EXPECT_EQ(metadata_of(of_text("P2 2 1 255 #a\n1 #b\n2\n#c")),
              (std::vector<Entry>{{"pnm:comment", "a"}, {"pnm:comment", "b"}, {"pnm:comment", "c"}}));
    // Right behind a number, too; the end of its line is then the one byte before the samples.
    const Image close = read_all(bytes_of("P5 2#a\n1 255#b\n#c"));
    EXPECT_EQ(close.pixels, bytes_of("#c"));
    EXPECT_EQ(metadata_of(close), (std::vector<Entry>{{"pnm:comment", "a"}, {"pnm:comment", "b"}}));
    EXPECT_TRUE(of_text("P5 1 1 1023\n\1\2").metadata.empty());
    EXPECT_EQ(refusal_of(bytes_of("P5 2 1 100\nde")).failure, Failure::kDamaged);  // 'e' is 101
    EXPECT_EQ(refusal_of(bytes_of("P2 2 1 100\n1 101")).failure, Failure::kDamaged);
}

TEST(Pnm, WhatFollowsThePicture) {
    const Image line = of_text("P5 1 1 255\nx\n");
    EXPECT_EQ(line.notes.size(), 1u);
    EXPECT_TRUE(line.metadata.empty());
    EXPECT_EQ(metadata_of(of_text("P5 1 1 255\nx\n\n")), (std::vector<Entry>{{"pnm:trailing", "\n\n"}}));
    EXPECT_EQ(metadata_of(of_text("P5 1 1 255\nxend")), (std::vector<Entry>{{"pnm:trailing", "end"}}));
    // What only begins like a picture is none.
    for (const std::string rest : {"P5 1 1 255\n", "P5 x", "P6 ", "P7\nENDHDR\n"})
        EXPECT_EQ(metadata_of(of_text("P5 1 1 255\nx" + rest)), (std::vector<Entry>{{"pnm:trailing", rest}}));
    EXPECT_EQ(metadata_of(of_text("P2 1 1 255\n1 2")), (std::vector<Entry>{{"pnm:trailing", "2"}}));
    EXPECT_EQ(metadata_of(of_text("P1 1 1\n1\n#a\nand words\n")),
              (std::vector<Entry>{{"pnm:comment", "a"}, {"pnm:trailing", "and words\n"}}));
    EXPECT_TRUE(of_text("P2 1 1 255\n1 \n \t\n").metadata.empty());
}

TEST(Pnm, PagesOfAStream) {
    const Bytes stream = bytes_of(
        std::string("P5 1 1 255\nxP6 1 1 255\nabc\n\nP1 2 1\n1 0\n#last\nP2 1 1 9\n7\nP4 1 1\n\x80"));
    const Refusal refusal = refusal_of(stream);
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("5 pictures"), std::string::npos) << refusal.message;
    const std::string expected[] = {"120", "97 98 99", "0 1", "7", "0"};
    for (uint32_t page = 1; page <= 5; ++page) {
        ReadOptions options;
        options.page = page;
        const Image image = read_all(stream, options);
        EXPECT_EQ(values(image), expected[page - 1]);
        EXPECT_EQ(image.lost, (std::vector<std::string>{"the other 4 pictures of the file"}));
        EXPECT_EQ(image.has("pnm:comment"), page == 3);
    }
    ReadOptions options;
    options.page = 6;
    EXPECT_EQ(refusal_of(stream, options).failure, Failure::kUnsupported);
}

TEST(Pnm, DamageIsAnError) {
    for (const char* text : {"P5", "P5 1", "P6\n2 2\n255\nab", "P6\n2 x\n255\nab", "P6\n0 2\n255\n",
                             "P5 1 1 0\na", "P5 1 1 65536\nab", "P6\n60000 60000\n255\n",
                             "P2 60000 60000 9 1 1", "P2 2 1 255 1", "P2 2 1 255 1 x", "P1 3 1 1 2 0",
                             "P4 9 1 a", "P7\nWIDTH 1\nWIDE 1\nENDHDR\n", "P5 99999999999 1 255\nx"})
        EXPECT_EQ(refusal_of(bytes_of(text)).failure, Failure::kDamaged) << text;
}

}  // namespace
}  // namespace image_io
