#include "container/enc_boxes.h"
#include "container/strips.h"

namespace residua::container {

Buffer<uint8_t> write_strip_head(const StripHead& head, Allocator& allocator) {
    const Reservation memory(allocator, 3 * metadata_bytes(head.metadata));
    ByteWriter body;
    const bool any = !head.picture.is_plain() || std::max(head.width, head.height) > kMaxPlainSide;
    body.u8(static_cast<uint8_t>(any ? 0 : head.picture.channels()));
    if (any) put_picture_kind(body, head.picture);
    for (const int number : {head.width, head.height, head.strip_height})
        body.varint(static_cast<uint64_t>(number));
    put_metadata(body, head.metadata);
    const ByteWriter file = complete_head(kStripVersion, body);
    Buffer<uint8_t> bytes(allocator, file.bytes.size());
    std::memcpy(bytes.data(), file.bytes.data(), bytes.size());
    return bytes;
}

std::vector<uint8_t> write_part_head(int strip, uint64_t size) {
    ByteWriter writer;
    writer.varint(static_cast<uint64_t>(strip));
    writer.varint(size);
    return std::move(writer.bytes);
}

}  // namespace residua::container
