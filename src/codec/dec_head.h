// What a file says of its picture before the pixels.
#pragma once

#include <span>

#include "container/container.h"

namespace residua::codec {

struct PictureHead {
    int width, height;
    PictureKind kind;              // as decoded
    container::Metadata metadata;  // in the file's bytes
};

// Of either version of the format. Throws as container::parse and container::StripReader.
PictureHead read_head(std::span<const uint8_t> bytes);

}  // namespace residua::codec
