// Files that are no picture that can be read, told by their first bytes.
#pragma once

#include <cstdint>
#include <span>

namespace image_io {

// Throws ImageError: names the format and what to do where it is known.
[[noreturn]] void refuse_format(std::span<const uint8_t> beginning);

}  // namespace image_io
