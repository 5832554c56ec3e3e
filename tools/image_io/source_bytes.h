// Numbers and runs of bytes at places of a file, each checked against its end.
#pragma once

#include <string_view>
#include <vector>

#include "image_io/image.h"

namespace image_io {

inline uint32_t big_endian_16(const uint8_t* bytes) {
    return static_cast<uint32_t>(bytes[0] << 8 | bytes[1]);
}
inline uint32_t big_endian_32(const uint8_t* bytes) {
    return big_endian_16(bytes) << 16 | big_endian_16(bytes + 2);
}
inline uint32_t little_endian_16(const uint8_t* bytes) {
    return static_cast<uint32_t>(bytes[1] << 8 | bytes[0]);
}
inline uint32_t little_endian_32(const uint8_t* bytes) {
    return little_endian_16(bytes + 2) << 16 | little_endian_16(bytes);
}

// The bytes there, fewer at the file's end; the caller has checked `size` against its limit.
std::vector<uint8_t> bytes_at(Source& source, uint64_t position, uint64_t size);

bool starts_with(std::span<const uint8_t> bytes, std::string_view beginning);

// Keeps what the file has from `position` on as ORIGIN:trailing, and says so.
void keep_trailing(Source& source, uint64_t position, const std::string& origin, const ReadOptions& options,
                   Description& picture);

// What a file says, for a message: all but printable ASCII as \\xNN.
std::string shown(std::string_view text);

// "1 byte", "2 bytes"
std::string count_of(uint64_t number, const std::string& what);

// Whether an Exif block begins as one must: with a TIFF header.
bool is_exif(std::span<const uint8_t> bytes);

}  // namespace image_io
