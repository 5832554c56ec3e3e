#include "listing.h"

#include <cstdio>

#include "image_io/describe.h"
#include "json.h"

namespace tool {

const char* colour_name(uint32_t colour) {
    return colour == RESIDUA_COLOUR_GREY   ? "grey"
           : colour == RESIDUA_COLOUR_RGB  ? "rgb"
           : colour == RESIDUA_COLOUR_CMYK ? "cmyk"
                                           : nullptr;
}

std::string kind_name(const image_io::Description& picture) {
    std::string text = picture.colour == image_io::Colour::kGrey  ? "grey"
                       : picture.colour == image_io::Colour::kRgb ? "RGB"
                                                                  : "CMYK";
    if (picture.alpha) text += " and alpha";
    if (picture.bits != 8)
        text += ", " + std::to_string(picture.bits) + (picture.bits == 1 ? " bit" : " bits");
    return text;
}

std::string kind_text(const residua_info& info, uint32_t coded_channels) {
    image_io::Description picture;
    picture.colour = static_cast<image_io::Colour>(info.colour);
    picture.alpha = info.alpha != 0;
    picture.bits = info.bits;
    const bool as_grey = picture.colour == image_io::Colour::kRgb && coded_channels == 1 + info.alpha;
    return kind_name(picture) + (as_grey ? " with equal channels, stored as grey" : "");
}

std::string label_of(const std::string& name) {
    if (name == "icc") return "ICC profile";
    if (name == "exif") return "Exif";
    if (name == "xmp") return "XMP";
    return printable(name);
}

std::string entry_line(const image_io::Metadata& entry) {
    char head[64];
    const std::string name = printable(entry.name);
    std::snprintf(head, sizeof head, "%-14s %zu bytes", name.size() < 32 ? name.c_str() : "",
                  entry.bytes.size());
    std::string line = name.size() < 32 ? head : name + head;
    const std::string meaning = image_io::meaning_of(entry.name), summary = image_io::summary_of(entry);
    if (!meaning.empty()) line += ", " + meaning;
    if (!summary.empty()) line += ": " + printable(summary);
    return line;
}

std::string entries_json(const std::vector<image_io::Metadata>& entries) {
    Json all('[');
    for (const image_io::Metadata& entry : entries)
        all.add(Json('{')
                    .add("name", json_string(entry.name))
                    .add("bytes", uint64_t{entry.bytes.size()})
                    .add("meaning", json_string(image_io::meaning_of(entry.name)))
                    .add("summary", json_string(image_io::summary_of(entry)))
                    .text());
    return all.text();
}

}  // namespace tool
