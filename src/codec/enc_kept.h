// Keeping a file's bytes, and the proof that they are kept.
#pragma once

#include <span>

#include "base/session.h"

namespace residua::codec {

// A file that restore() (dec_kept.h) makes `bytes` of, which should be a JPEG file's: others, and what is odd
// about one, cost more. Proved: it has been restored. effort: 1 … 9. Throws kMemoryLimit, kCancelled, and
// kInternal when the proof fails.
Buffer<uint8_t> keep(std::span<const uint8_t> bytes, int effort, Session& session);

}  // namespace residua::codec
