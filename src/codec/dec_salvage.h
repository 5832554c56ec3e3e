// What a damaged file still has of its picture.
#pragma once

#include "codec/dec_codec.h"
#include "codec/limits.h"

namespace residua::codec {

// What a pixel of Salvaged::map can be.
constexpr uint8_t kRight = 255;      // as it was encoded: its strip's checksum, or its tile's, is right
constexpr uint8_t kPreviewed = 128;  // of the file's preview
constexpr uint8_t kInvented = 0;     // the nearest right or previewed one, or grey

struct Salvaged {
    PictureKind kind;
    Picture picture;
    Picture map;                   // one channel
    container::Metadata metadata;  // in the given bytes
};

// Throws kCorrupt where nothing is left, kModelMissing, kMemoryLimit, kCancelled, kUnsupported (a file that
// keeps another one's bytes).
Salvaged salvage(std::span<const uint8_t> bytes, const models::Registry& models, Session& session,
                 const Limits& limits);

}  // namespace residua::codec
