#include "text.h"

#include <cstdint>
#include <cstdio>

namespace tool {

namespace {

// How many bytes the character that begins there has, and its number; 0: it is no UTF-8.
size_t character_at(std::string_view text, uint32_t& character) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
    const uint8_t first = byte(0);
    if (first < 0x80) {
        character = first;
        return 1;
    }
    const size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || size > text.size()) return 0;
    character = first & (0x7fu >> size);
    for (size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
        character = character << 6 | (byte(i) & 0x3fu);
    }
    constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xd800 && character < 0xe000;
    return character >= kLeast[size] && character < 0x110000 && !surrogate ? size : 0;
}

// Control characters, and those that turn the direction of the text around them.
bool is_control(uint32_t character) {
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x200e ||
           character == 0x200f || (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

std::string formatted(const char* format, unsigned number) {
    char text[16];
    std::snprintf(text, sizeof text, format, number);
    return text;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        uint32_t character = 0;
        const size_t size = character_at(text, character);
        const size_t taken = size > 0 ? size : 1;
        if (size > 0 && !is_control(character))
            shown += text.substr(0, taken);
        else
            for (const char c : text.substr(0, taken)) shown += formatted("\\x%02x", static_cast<uint8_t>(c));
        text.remove_prefix(taken);
    }
    return shown;
}

std::string json_string(std::string_view text) {
    std::string json = "\"";
    while (!text.empty()) {
        uint32_t character = 0;
        const size_t size = character_at(text, character);
        const size_t taken = size > 0 ? size : 1;
        if (size == 0)
            json += "\\ufffd";
        else if (is_control(character))
            json += formatted("\\u%04x", character);
        else if (character == '"' || character == '\\')
            (json += '\\') += static_cast<char>(character);
        else
            json += text.substr(0, taken);
        text.remove_prefix(taken);
    }
    return json += '"';
}

}  // namespace tool
