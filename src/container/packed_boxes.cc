#include "container/packed_boxes.h"

#include "bytes/common_metadata.h"
#include "bytes/dec_bytes.h"
#include "container/boxes.h"

namespace residua::container {

std::span<const uint8_t> bytes_of(Beginning beginning) {
    return beginning == Beginning::kNone ? std::span<const uint8_t>() : bytes::common_metadata();
}

std::shared_ptr<const std::vector<uint8_t>> unpack(std::span<const uint8_t> box, uint64_t most) {
    ByteReader reader(box, "file's header");
    const uint8_t beginning = reader.u8();
    if (beginning > static_cast<uint8_t>(Beginning::kCommonMetadata))
        unsupported("its kind of packed metadata");
    const uint64_t size = reader.varint();
    if (size == 0 || size > most) corrupt("the file's header has too many packed metadata, or none");
    Allocator heap;
    const Buffer<uint8_t> boxes = bytes::decode(reader.take(reader.remaining()), size,
                                                bytes_of(static_cast<Beginning>(beginning)), heap);
    return std::make_shared<const std::vector<uint8_t>>(boxes.data(), boxes.data() + boxes.size());
}

}  // namespace residua::container
