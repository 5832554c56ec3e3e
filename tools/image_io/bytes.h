// Numbers in files.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace image_io {

inline uint32_t big16(const uint8_t* bytes) { return uint32_t{bytes[0]} << 8 | bytes[1]; }
inline uint32_t big32(const uint8_t* bytes) { return big16(bytes) << 16 | big16(bytes + 2); }
inline uint32_t little16(const uint8_t* bytes) { return uint32_t{bytes[1]} << 8 | bytes[0]; }
inline uint32_t little32(const uint8_t* bytes) { return little16(bytes + 2) << 16 | little16(bytes); }

// `size` bytes of a number.
inline void put_little(std::vector<uint8_t>& out, uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}
inline void put_big(std::vector<uint8_t>& out, uint64_t value, size_t size) {
    for (size_t i = size; i-- > 0;) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

inline std::string_view as_text(std::span<const uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace image_io
