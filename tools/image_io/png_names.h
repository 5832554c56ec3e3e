// Names of a PNG's chunks among the metadata.
#pragma once

#include <string_view>

namespace image_io {

// A part without data has a name that ends in this, and a byte in its place (metadata.h).
inline constexpr std::string_view kEmptyPart = "-empty";

// Where the pixels stand, where a part behind them has a name that does not tell it; without data.
inline constexpr const char* kPixelsPlace = "png:IDAT";

// The type of "png:TYPE" or "png-end:TYPE"; empty where no such name is a chunk's.
inline std::string_view chunk_type(std::string_view name) {
    if (name.ends_with(kEmptyPart)) name.remove_suffix(kEmptyPart.size());
    for (const std::string_view origin : {"png:", "png-end:"})
        if (name.starts_with(origin) && name.size() == origin.size() + 4) return name.substr(origin.size());
    return {};
}

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// One that a reader may leave alone, which says the first letter.
inline bool is_ancillary(std::string_view type) {
    for (const char c : type)
        if (!is_letter(c)) return false;
    return type.size() == 4 && type[0] >= 'a';
}

}  // namespace image_io
