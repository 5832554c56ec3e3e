// The reverse of dec_bytes.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace residua::bytes {

// beginning: bytes like those that are expected, which reader and writer know: much like them costs little.
// Never more than one byte longer than the bytes.
std::vector<uint8_t> encode(std::span<const uint8_t> bytes, std::span<const uint8_t> beginning);

}  // namespace residua::bytes
