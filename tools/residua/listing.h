// Pictures and their metadata in words.
#pragma once

#include <residua/residua.h>

#include <string>
#include <vector>

#include "image_io/image.h"

namespace tool {

// "grey", "rgb" or "cmyk", for programs.
const char* colour_name(uint32_t colour);  // null: of no picture
// "RGB and alpha, 16 bits", for people; 8 bits are not mentioned.
std::string kind_name(const image_io::Description& picture);
// The same of a file, which may store an RGB picture as grey.
std::string kind_text(const residua_info& info, uint32_t coded_channels);

// A name as a label: "ICC profile", "Exif", "XMP", or as it is, printable.
std::string label_of(const std::string& name);
// An entry's name, size and what can be said of it, printable.
std::string entry_line(const image_io::Metadata& entry);
// A JSON array of objects.
std::string entries_json(const std::vector<image_io::Metadata>& entries);

}  // namespace tool
