#include "image_io/describe.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

#include "image_io/bytes.h"
#include "image_io/directory.h"
#include "image_io/translate.h"

namespace image_io {

namespace {

constexpr size_t kLongest = 60;

template <typename... Arguments>
std::string formatted(const char* format, Arguments... arguments) {
    char text[160];
    std::snprintf(text, sizeof text, format, arguments...);
    return text;
}

std::string shortened(std::string_view text) {
    while (!text.empty() && (text.back() == '\0' || text.back() == '\n')) text.remove_suffix(1);
    return text.size() <= kLongest ? std::string(text) : std::string(text.substr(0, kLongest)) + " …";
}

// The next of several.
void add_word(std::string& text, const std::string& word, const char* between = " ") {
    if (!text.empty()) text += between;
    text += word;
}

std::string density_text(const std::optional<Density>& density) {
    if (!density) return "";
    const char* unit = density->unit == Density::Unit::kNone         ? "without a unit"
                       : density->unit == Density::Unit::kInch       ? "per inch"
                       : density->unit == Density::Unit::kCentimetre ? "per cm"
                                                                     : "per metre";
    return formatted("%u x %u %s", density->x, density->y, unit);
}

std::string number_text(const uint8_t* value, uint16_t type) {
    switch (type) {
        case 3:
            return std::to_string(little16(value));
        case 8:
            return std::to_string(static_cast<int16_t>(little16(value)));
        case 4:
        case 13:
            return std::to_string(little32(value));
        case 9:
            return std::to_string(static_cast<int32_t>(little32(value)));
        case 5:
            return formatted("%u/%u", little32(value), little32(value + 4));
        case 10:
            return formatted("%d/%d", static_cast<int32_t>(little32(value)),
                             static_cast<int32_t>(little32(value + 4)));
        default:
            return "";
    }
}

std::string field_text(const Field& field) {
    if (field.type == kAscii) return shortened(as_text(field.values));
    std::string text;
    const size_t size = field_value_size(field.type);
    for (size_t at = 0; at < field.values.size() && text.size() < kLongest; at += size) {
        const std::string number = number_text(field.values.data() + at, field.type);
        if (number.empty()) return "";
        add_word(text, number);
    }
    return text + (size * 30 < field.values.size() ? " …" : "");
}

// Of a PNG's text chunk: the keyword, and the text where it lies open.
std::string text_chunk(const std::string& type, std::string_view data) {
    const size_t end = std::min(data.find('\0'), data.size());
    std::string keyword = shortened(data.substr(0, end));
    if (type != "tEXt" || end == data.size()) return keyword;
    return keyword + ": " + shortened(data.substr(end + 1));
}

std::string png_summary(const std::string& type, std::span<const uint8_t> data) {
    if (type == "tEXt" || type == "zTXt" || type == "iTXt" || type == "iCCP")
        return text_chunk(type, as_text(data));
    if (type == "pHYs") return density_text(density_of_png(data));
    if (type == "gAMA" && data.size() == 4) return formatted("%.5g", big32(data.data()) / 100000.0);
    if (type == "cHRM" && data.size() == 32) {
        std::string text;
        for (size_t i = 0; i < 4; ++i)
            text += formatted("%s%.5g, %.5g", i ? "; " : "", big32(data.data() + 8 * i) / 100000.0,
                              big32(data.data() + 8 * i + 4) / 100000.0);
        return text;
    }
    if (type == "tIME" && data.size() == 7)
        return formatted("%u-%02u-%02u %02u:%02u:%02u", big16(data.data()), data[2], data[3], data[4],
                         data[5], data[6]);
    if (type == "PLTE") return formatted("%zu colours", data.size() / 3);
    if (type == "cICP" && data.size() == 4)
        return formatted("primaries %u, transfer %u, matrix %u, %s", data[0], data[1], data[2],
                         data[3] ? "full range" : "narrow range");
    if (type == "sBIT" || type == "sRGB") {
        std::string text;
        for (const uint8_t byte : data.first(std::min<size_t>(data.size(), 4)))
            add_word(text, std::to_string(byte));
        return text;
    }
    return "";
}

std::string exif_summary(std::span<const uint8_t> block) {
    const auto exif = parse_exif(block);
    if (!exif) return "damaged";
    std::string text;
    for (const uint16_t tag : {uint16_t{271}, uint16_t{272}}) {  // maker and model
        const auto field = exif->main.fields.find(tag);
        if (field != exif->main.fields.end()) add_word(text, shortened(as_text(field->second.values)));
    }
    const auto turned = exif->main.fields.find(tag::kOrientation);
    if (turned != exif->main.fields.end())
        add_word(text, "orientation " + std::to_string(turned->second.first()), ", ");
    if (exif->main.below.contains(tag::kGps)) add_word(text, "position", ", ");
    return text;
}

std::string icc_summary(std::span<const uint8_t> profile) {
    if (profile.size() < 24 || as_text(profile.subspan(16)).substr(0, 4).find('\0') != std::string_view::npos)
        return "";
    return std::string(as_text(profile.subspan(16, 4)));
}

bool is_text(std::span<const uint8_t> bytes) {
    return std::ranges::all_of(bytes.first(std::min(bytes.size(), kLongest)), [](uint8_t byte) {
        return byte >= 0x20 || byte == '\n' || byte == '\t' || byte == '\r';
    });
}

}  // namespace

std::string meaning_of(const std::string& name) {
    static const std::map<std::string, const char*, std::less<>> kMeanings = {
        {"icc", "ICC profile"},
        {"exif", "Exif"},
        {"xmp", "XMP"},
        {"png:IHDR", "the PNG's header"},
        {"png:PLTE", "palette"},
        {"png:tRNS", "transparency"},
        {"png:iCCP", "ICC profile that cannot be read"},
        {"png:iCCP-name", "the ICC profile's name"},
        {"png:gAMA", "gamma"},
        {"png:cHRM", "primaries and white point"},
        {"png:sRGB", "rendering intent in sRGB"},
        {"png:cICP", "colour space by code points"},
        {"png:mDCV", "mastering display"},
        {"png:cLLI", "content light level"},
        {"png:sBIT", "significant bits"},
        {"png:bKGD", "background colour"},
        {"png:hIST", "histogram"},
        {"png:pHYs", "pixel density"},
        {"png:sPLT", "suggested palette"},
        {"png:tIME", "time of change"},
        {"png:tEXt", "text"},
        {"png:zTXt", "compressed text"},
        {"png:iTXt", "international text"},
        {"png:eXIf", "Exif that cannot be read"},
        {"png:oFFs", "position"},
        {"jpeg:APP0", "JFIF, pixel density"},
        {"jpeg:APP13", "Photoshop, IPTC"},
        {"jpeg:APP14", "Adobe's mark"},
        {"jpeg:COM", "comment"},
        {"pnm:comment", "comment"},
        {"pnm:maxval", "largest value"}};
    static const std::map<uint32_t, const char*> kTags = {{254, "kind of picture"},
                                                          {262, "photometric interpretation"},
                                                          {266, "order of bits"},
                                                          {269, "document's name"},
                                                          {270, "description"},
                                                          {271, "maker"},
                                                          {272, "model"},
                                                          {274, "orientation"},
                                                          {280, "smallest value"},
                                                          {281, "largest value"},
                                                          {282, "resolution"},
                                                          {283, "resolution"},
                                                          {285, "page's name"},
                                                          {296, "resolution's unit"},
                                                          {297, "page's number"},
                                                          {301, "transfer function"},
                                                          {305, "software"},
                                                          {306, "time of change"},
                                                          {315, "author"},
                                                          {316, "computer"},
                                                          {318, "white point"},
                                                          {319, "primaries"},
                                                          {320, "palette"},
                                                          {332, "kind of inks"},
                                                          {333, "names of inks"},
                                                          {336, "range of dots"},
                                                          {337, "printer"},
                                                          {338, "kind of alpha"},
                                                          {339, "sample format"},
                                                          {532, "reference black and white"},
                                                          {33432, "copyright"},
                                                          {33550, "GeoTIFF's scale"},
                                                          {33723, "IPTC"},
                                                          {33922, "GeoTIFF's points"},
                                                          {34377, "Photoshop"},
                                                          {34735, "GeoTIFF's keys"},
                                                          {42112, "GDAL's metadata"}};
    if (name.ends_with("-empty")) return "without data";
    const auto known = kMeanings.find(name.starts_with("png-end:") ? "png:" + name.substr(8) : name);
    if (known != kMeanings.end()) return known->second;
    if (name.ends_with(":trailing")) return "bytes behind the picture's end";
    if (!name.starts_with("tiff:")) return "";
    uint32_t number = 0;
    std::from_chars(name.data() + 5, name.data() + name.size(), number);
    const auto tag = kTags.find(number);
    return tag == kTags.end() ? "" : tag->second;
}

std::string summary_of(const Metadata& entry) {
    const std::span<const uint8_t> bytes(entry.bytes);
    if (entry.name == "icc") return icc_summary(bytes);
    if (entry.name == "exif") return exif_summary(bytes);
    for (const std::string_view origin : {"png:", "png-end:"}) {
        const std::string type = entry.name.starts_with(origin) ? entry.name.substr(origin.size()) : "";
        if (type.size() != 4) continue;
        std::string summary = png_summary(type, bytes);
        if (!summary.empty()) return summary;
    }
    if (const auto field = tiff_field(entry)) return field_text(*field);
    if (entry.name == "jpeg:APP0") return density_text(density_of_jfif(bytes));
    if (entry.name.starts_with("jpeg:APP")) {
        const std::string_view text = as_text(bytes);
        const std::string mark(text.substr(0, std::min(text.find('\0'), kLongest)));
        return is_text(as_bytes(mark)) ? mark : "";
    }
    return is_text(bytes) ? shortened(as_text(bytes)) : "";
}

std::string named(const Metadata& entry) {
    std::string text = meaning_of(entry.name);
    const bool chunk =
        entry.name.ends_with(":tEXt") || entry.name.ends_with(":zTXt") || entry.name.ends_with(":iTXt");
    if (chunk) {
        const std::string_view data = as_text(entry.bytes);
        add_word(text, "'");
        text.append(shortened(data.substr(0, data.find('\0')))).append("'");
    }
    if (entry.name == "tiff:338") text += ", which is multiplied into the colours";
    if (text.empty() && entry.name.starts_with("jpeg:")) text = summary_of(entry);
    if (text.empty()) text = std::to_string(entry.bytes.size()) + " bytes";
    return std::string(entry.name).append(" (").append(text).append(")");
}

}  // namespace image_io
