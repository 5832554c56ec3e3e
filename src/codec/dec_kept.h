// The bytes of a file that is kept in one of ours.
#pragma once

#include <span>

#include "base/session.h"

namespace residua::codec {

// Throws kUnsupported where the file holds a picture and no file; kCorrupt, kTruncated, kMemoryLimit,
// kCancelled.
Buffer<uint8_t> restore(std::span<const uint8_t> file, Session& session);

// Whether a file that begins with these bytes keeps another one's, as far as they say. 64 bytes are enough.
bool keeps_a_file(std::span<const uint8_t> first_bytes);

}  // namespace residua::codec
