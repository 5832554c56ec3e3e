#include <gtest/gtest.h>

#include "image_io/bytes.h"
#include "image_io/test_kinds.h"

namespace image_io {
namespace {

std::string text_of(const std::vector<uint8_t>& bytes) { return std::string(as_text(bytes)); }

Image image_of(Colour colour, bool alpha, uint32_t bits, std::vector<uint16_t> values) {
    Image image;
    image.set_kind(colour, alpha, bits);
    image.set_size(static_cast<uint32_t>(values.size()) / image.channels(), 1);
    for (const uint16_t value : values) {
        const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
        if (bits > 8)
            image.pixels.insert(image.pixels.end(), bytes, bytes + 2);
        else
            image.pixels.push_back(static_cast<uint8_t>(value));
    }
    return image;
}

std::string pnm(const Image& image) { return text_of(write(image, OutputFormat::kPnm)); }
std::string pam(const Image& image) { return text_of(write(image, OutputFormat::kPam)); }

TEST(PnmWriter, Greymaps) {
    EXPECT_EQ(pnm(image_of(Colour::kGrey, false, 8, {'a', 'b'})), "P5\n2 1\n255\nab");
    EXPECT_EQ(pnm(image_of(Colour::kGrey, false, 4, {1, 15})), "P5\n2 1\n15\n\x01\x0f");
    EXPECT_EQ(pnm(image_of(Colour::kGrey, false, 16, {0x4142, 0x4344})), "P5\n2 1\n65535\nABCD");
    EXPECT_EQ(pnm(image_of(Colour::kGrey, false, 10, {0x0142})),
              "P5\n1 1\n1023\n\x01"
              "B");
}

// 1 is black there.
TEST(PnmWriter, Bitmaps) {
    EXPECT_EQ(pnm(image_of(Colour::kGrey, false, 1, {0, 1, 0, 0, 0, 0, 1, 1, 0, 1})), "P4\n10 1\n\xbc\x80");
    EXPECT_EQ(
        pam(image_of(Colour::kGrey, false, 1, {0, 1})),
        std::string("P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nTUPLTYPE BLACKANDWHITE\nENDHDR\n\0\1", 69));
}

TEST(PnmWriter, Pixmaps) {
    EXPECT_EQ(pnm(image_of(Colour::kRgb, false, 8, {'a', 'b', 'c'})), "P6\n1 1\n255\nabc");
    EXPECT_EQ(pnm(image_of(Colour::kRgb, false, 16, {0x4142, 0x4344, 0x4546})), "P6\n1 1\n65535\nABCDEF");
}

TEST(PnmWriter, AlphaNeedsPam) {
    EXPECT_EQ(pnm(image_of(Colour::kRgb, true, 8, {'a', 'b', 'c', 'd'})),
              "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcd");
    EXPECT_EQ(pam(image_of(Colour::kGrey, true, 16, {0x4142, 0x4344})),
              "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 65535\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\nABCD");
    EXPECT_EQ(pam(image_of(Colour::kRgb, false, 8, {'a', 'b', 'c'})),
              "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\nabc");
    EXPECT_EQ(pnm(image_of(Colour::kCmyk, false, 8, {'a', 'b', 'c', 'd'})),
              "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nabcd");
}

TEST(PnmWriter, LargestValueAndCommentsComeBack) {
    Image image = image_of(Colour::kGrey, false, 7, {100, 0});
    image.add("pnm:comment", as_bytes(" by hand"));
    image.add("pnm:maxval", as_bytes("100"));
    EXPECT_EQ(pnm(image), std::string("P5\n# by hand\n2 1\n100\nd\0", 23));
    EXPECT_TRUE(place(image, OutputFormat::kPnm).left_out.empty());
    // One that these samples cannot have had.
    image.metadata = {{"pnm:maxval", {'9', '0', '0'}}};
    EXPECT_EQ(pnm(image), std::string("P5\n2 1\n127\nd\0", 13));
}

TEST(PnmWriter, GreyWithWhiteAtZeroIsTurnedAround) {
    Image image = image_of(Colour::kGrey, false, 1, {0, 1});
    add_field(image, Field::number(tag::kPhotometric, kShort, 0));
    EXPECT_EQ(pnm(image), "P4\n2 1\n\x40");
    image = image_of(Colour::kGrey, false, 8, {0, 1});
    add_field(image, Field::number(tag::kPhotometric, kShort, 0));
    EXPECT_EQ(pnm(image), "P5\n2 1\n255\n\xff\xfe");
}

}  // namespace
}  // namespace image_io
