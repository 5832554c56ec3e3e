// Strings of bytes of any kind, smaller. docs/format-bytes.md.
#pragma once

#include <cstdint>
#include <span>

#include "base/memory.h"

namespace residua::bytes {

// What encode() made of so many bytes, with the same `beginning`. Throws kCorrupt or kTruncated; `size` is the caller's promise that so
// much memory may be taken. Time is bounded by it.
Buffer<uint8_t> decode(std::span<const uint8_t> stream, uint64_t size, std::span<const uint8_t> beginning,
                       Allocator& allocator);

}  // namespace residua::bytes
