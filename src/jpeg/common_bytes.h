// What JPEG files often hold between their scans. docs/format-jpeg.md, 4.
#pragma once

#include <cstdint>
#include <span>

namespace residua::jpeg {

// The same bytes always; they are part of the format.
std::span<const uint8_t> common_bytes();

}  // namespace residua::jpeg
