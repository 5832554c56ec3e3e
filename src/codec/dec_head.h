// What a file says of its picture before the pixels.
#pragma once

#include <span>

#include "container/container.h"
#include "stages/stage.h"

namespace residua::codec {

struct PictureHead {
    int width, height;
    PictureKind kind;                          // as decoded
    container::Metadata metadata;              // in the file's bytes, or in those of `kept`
    std::shared_ptr<const KeptMetadata> kept;  // of a JPEG that is kept byte for byte
};

struct Limits;

// Of either version of the format, within the limits. Throws as container::parse and container::StripReader.
PictureHead read_head(std::span<const uint8_t> bytes, const Limits& limits);
// The same with the metadata of a file that is kept byte for byte, which takes longer. Throws kMemoryLimit,
// too.
PictureHead read_head_and_kept(std::span<const uint8_t> bytes, const Limits& limits, Allocator& allocator);

// A file of version 1: `kept` or null.
PictureHead head_of(const container::File& file, std::shared_ptr<const KeptMetadata> kept);

}  // namespace residua::codec
