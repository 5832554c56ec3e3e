// What the heads of both versions of the format have in common: refusals, and boxes with metadata.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "container/container.h"

namespace residua::container {

[[noreturn]] void corrupt(const std::string& message);
// "this file uses `what`, which …"
[[noreturn]] void unsupported(const std::string& what);

// What a picture of any kind is: two bytes. The writer's half is in enc_boxes.h.
PictureKind read_picture_kind(ByteReader& reader);

struct Box {
    uint8_t tag;
    std::span<const uint8_t> bytes;
};
Box read_box(ByteReader& reader);

// Throws kCorrupt unless a box is the `first` of its tag and holds something.
void require_once(bool first, const Box& box);

// The tag of metadata that have one of their own; 0 for others.
uint8_t metadata_tag(std::string_view name);

// Keeps a box with metadata, skips an optional one, refuses others.
void keep_metadata(const Box& box, Metadata& metadata);

}  // namespace residua::container
