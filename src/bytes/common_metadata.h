// What metadata often hold. docs/format.md, 2.6.
#pragma once

#include <cstdint>
#include <span>

namespace residua::bytes {

// The same bytes always; they are part of the format.
std::span<const uint8_t> common_metadata();

}  // namespace residua::bytes
