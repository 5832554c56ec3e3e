// Numbers that reader and writer of a string of bytes share. docs/format-bytes.md, 1.
#pragma once

#include <cstddef>
#include <cstdint>

namespace residua::bytes {

enum class Form : uint8_t { kStored = 0, kMixed = 1 };
inline constexpr size_t kChunk = 1 << 16;
enum class ChunkForm : uint8_t { kStored = 0, kMixed = 1 };

}  // namespace residua::bytes
