// What the heads of both versions of the format have in common: refusals, and boxes with metadata.
#pragma once

#include <memory>
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

// Collects the metadata of a head's boxes.
class MetadataReader {
  public:
    Metadata metadata;
    uint64_t coded_size = 0;  // bytes that they take in their boxes, without their names

    // Keeps a box with metadata, or those in a packed one; skips an optional one, refuses others.
    void keep(const Box& box);

  private:
    void keep(const Box& box, std::shared_ptr<const std::vector<uint8_t>> memory);
    void keep_packed(const Box& box);

    uint64_t unpacked_ = 0;
};

}  // namespace residua::container
