#include "image_io/source_bytes.h"

#include <algorithm>

namespace image_io {

std::vector<uint8_t> bytes_at(Source& source, uint64_t position, uint64_t size) {
    const uint64_t there = source.size() - std::min(position, source.size());
    std::vector<uint8_t> bytes(static_cast<size_t>(std::min(size, there)));
    source.seek(position);
    bytes.resize(source.read(bytes.data(), bytes.size()));
    return bytes;
}

bool starts_with(std::span<const uint8_t> bytes, std::string_view beginning) {
    return bytes.size() >= beginning.size() &&
           std::equal(beginning.begin(), beginning.end(), bytes.begin(),
                      [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

void keep_trailing(Source& source, uint64_t position, const std::string& origin, const ReadOptions& options,
                   Description& picture) {
    if (position >= source.size()) return;
    check_memory(source.size() - position, options.max_bytes);
    picture.add(origin + ":trailing", bytes_at(source, position, source.size() - position));
    picture.notes.push_back("kept as " + origin + ":trailing: " + count_of(source.size() - position, "byte") +
                            " behind the picture's end");
}

void check_page(const ReadOptions& options, uint64_t pictures) {
    if (options.page > pictures)
        unsupported("there is no page " + std::to_string(options.page) + ": the file holds " +
                    count_of(pictures, "picture"));
}

std::string shown(std::string_view text) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        if (byte >= 0x20 && byte < 0x7f)
            result += c;
        else
            result += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return result;
}

std::string count_of(uint64_t number, const std::string& what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

bool is_exif(std::span<const uint8_t> bytes) {
    using namespace std::string_view_literals;
    return bytes.size() >= 8 && (starts_with(bytes, "II*\0"sv) || starts_with(bytes, "MM\0*"sv));
}

}  // namespace image_io
