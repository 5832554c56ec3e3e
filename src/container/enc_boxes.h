// What the writers of both versions of the format have in common.
#pragma once

#include "base/bytes.h"
#include "base/checksum.h"
#include "container/container.h"
#include "container/layout.h"

namespace residua::container {

inline void put_box(ByteWriter& writer, uint8_t tag, std::span<const uint8_t> bytes) {
    if (bytes.empty()) return;
    writer.u8(tag);
    writer.varint(bytes.size());
    writer.put(bytes);
}

inline void put_metadata(ByteWriter& writer, const Metadata& metadata) {
    put_box(writer, kBoxIcc, metadata.icc);
    put_box(writer, kBoxExif, metadata.exif);
    put_box(writer, kBoxXmp, metadata.xmp);
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
