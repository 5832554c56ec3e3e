#include "jpeg/metadata.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace residua::jpeg {
namespace {

using namespace std::string_literals;
using Bytes = std::vector<uint8_t>;

std::string text_of(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

struct Segment {
    uint8_t marker;
    std::string body;
};
Bytes jpeg(const std::vector<Segment>& segments, const std::string& between = "") {
    Bytes bytes = {0xFF, 0xD8};
    const auto add = [&](const std::string& text) { bytes.insert(bytes.end(), text.begin(), text.end()); };
    for (const Segment& segment : segments) {
        add(between);
        const size_t size = segment.body.size() + 2;
        bytes.insert(bytes.end(),
                     {0xFF, segment.marker, static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)});
        add(segment.body);
    }
    return bytes;
}

const std::string kTiff = "II*\0\b\0\0\0\0\0"s, kExif = "Exif\0\0"s + kTiff;
const std::string kXmp = "http://ns.adobe.com/xap/1.0/\0<x>"s;
std::string icc(char number, char count, const std::string& data) {
    return "ICC_PROFILE\0"s + number + count + data;
}

TEST(JpegMetadata, AreFound) {
    const Bytes file = jpeg(
        {{0xE0, "JFIF\0"s}, {0xE1, kXmp}, {0xE1, kExif}, {0xE2, icc(2, 2, "b")}, {0xE2, icc(1, 2, "a")}});
    const JpegMetadata found = find_metadata(file);
    EXPECT_EQ(text_of(found.exif), kTiff);
    EXPECT_EQ(text_of(found.xmp), "<x>");
    ASSERT_EQ(found.icc.size(), 2u);
    EXPECT_EQ(text_of(found.icc[0]) + text_of(found.icc[1]), "ab");
    // The first ones, whatever lies between segments.
    const Bytes several = jpeg(
        {{0xE1, kExif}, {0xE1, kExif + "second"}, {0xE1, kXmp}, {0xE1, kXmp + "second"}}, "?\xFF\xFF\xFF\0"s);
    const JpegMetadata first = find_metadata(several);
    EXPECT_EQ(text_of(first.exif), kTiff);
    EXPECT_EQ(text_of(first.xmp), "<x>");
    // What only begins like one.
    const JpegMetadata none =
        find_metadata(jpeg({{0xE1, "Exif\0\0none"s}, {0xE2, kExif}, {0xE1, icc(1, 1, "a")}, {0xE1, ""}}));
    EXPECT_TRUE(none.exif.empty() && none.xmp.empty() && none.icc.empty());
}

TEST(JpegMetadata, EndAtTheScanAndWhereSegmentsDo) {
    EXPECT_TRUE(find_metadata(jpeg({{0xDA, "scan"}, {0xE1, kExif}})).exif.empty());
    EXPECT_TRUE(find_metadata(jpeg({{0xD9, ""}, {0xE1, kExif}})).exif.empty());
    Bytes cut = jpeg({{0xE1, kExif}});
    cut.pop_back();
    EXPECT_TRUE(find_metadata(cut).exif.empty());
}

TEST(JpegMetadata, PartsOfAProfileFitTogetherOrAreNone) {
    using Parts = std::vector<std::string>;
    for (const Parts& parts :
         {Parts{icc(1, 2, "a")}, Parts{icc(1, 2, "a"), icc(1, 2, "b")}, Parts{icc(0, 1, "a")},
          Parts{icc(2, 1, "a")}, Parts{icc(1, 1, "a"), icc(2, 2, "b")}, Parts{"ICC_PROFILE\0"s}}) {
        std::vector<Segment> segments;
        for (const std::string& part : parts) segments.push_back({0xE2, part});
        EXPECT_TRUE(find_metadata(jpeg(segments)).icc.empty()) << parts[0];
    }
}

TEST(JpegMetadata, OfAnyBytes) {
    std::mt19937 random(1);
    const Bytes whole = jpeg({{0xE1, kXmp}, {0xE1, kExif}, {0xE2, icc(1, 2, "a")}, {0xE2, icc(2, 2, "b")}});
    for (int trial = 0; trial < 20000; ++trial) {
        Bytes bytes = whole;
        for (unsigned i = 0; i <= random() % 3; ++i)
            bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
        bytes.resize(random() % (bytes.size() + 1));
        const JpegMetadata found = find_metadata(bytes);
        for (const auto part : {found.exif, found.xmp})
            EXPECT_TRUE(part.empty() || (part.data() >= bytes.data() &&
                                         part.data() + part.size() <= bytes.data() + bytes.size()));
    }
}

}  // namespace
}  // namespace residua::jpeg
