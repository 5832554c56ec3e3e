// Boxes of metadata that are coded together. docs/format.md, 2.6.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace residua::container {

// What a file's packed boxes hold together, at most: it bounds the time that reading a head takes.
constexpr uint64_t kMaxUnpacked = 1 << 20;

// What the coder of strings of bytes has seen before.
enum class Beginning : uint8_t { kNone = 0, kCommonMetadata = 1 };
std::span<const uint8_t> bytes_of(Beginning beginning);

// The boxes that a packed box holds, as bytes; no more than `most` of them. Throws kCorrupt, kTruncated or
// kUnsupported.
std::shared_ptr<const std::vector<uint8_t>> unpack(std::span<const uint8_t> box, uint64_t most);

}  // namespace residua::container
