// What the writers of both versions of the format have in common.
#pragma once

#include <algorithm>

#include "base/bytes.h"
#include "base/checksum.h"
#include "container/boxes.h"
#include "container/container.h"
#include "container/layout.h"

namespace residua::container {

inline void put_picture_kind(ByteWriter& writer, const PictureKind& kind) {
    writer.u8(static_cast<uint8_t>(static_cast<int>(kind.colour) | (kind.alpha ? kAlphaBit : 0)));
    writer.u8(static_cast<uint8_t>(kind.bits));
}

inline void put_box(ByteWriter& writer, uint8_t tag, std::span<const uint8_t> bytes) {
    if (bytes.empty()) return;
    writer.u8(tag);
    writer.varint(bytes.size());
    writer.put(bytes);
}

// In the given order; packed where that is smaller. A name that has a tag of its own has it once; what follows of
// that name says it.
void put_metadata(ByteWriter& writer, const Metadata& metadata);

inline uint64_t metadata_bytes(const Metadata& metadata) {
    uint64_t sum = 0;
    for (const MetadataEntry& entry : metadata) sum += entry.name.size() + entry.bytes.size();
    return sum;
}

// Magic, version, size, body and checksum.
inline ByteWriter complete_head(uint8_t version, const ByteWriter& body) {
    ByteWriter head;
    for (uint8_t byte : kMagic) head.u8(byte);
    head.u8(version);
    head.varint(body.bytes.size());
    head.put(body.bytes);
    head.u32(checksum32(head.bytes));
    return head;
}

}  // namespace residua::container
