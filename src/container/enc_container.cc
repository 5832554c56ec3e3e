#include <cstring>

#include "base/bytes.h"
#include "base/checksum.h"
#include "container/container.h"
#include "container/layout.h"

namespace residua::container {

namespace {

void put_box(ByteWriter& writer, uint8_t tag, std::span<const uint8_t> bytes) {
    if (bytes.empty()) return;
    writer.u8(tag);
    writer.varint(bytes.size());
    writer.put(bytes);
}

void put_body(ByteWriter& writer, const File& file) {
    const Header& header = file.header;
    writer.u8(static_cast<uint8_t>(header.kind));
    writer.varint(static_cast<uint64_t>(header.width));
    writer.varint(static_cast<uint64_t>(header.height));
    writer.u8(static_cast<uint8_t>(header.codec));
    writer.u64(header.model_hash);
    writer.u64(header.pixel_checksum);

    const int depth_code = header.bit_depth == kDepths[1] ? 1 : 0;
    writer.u8(static_cast<uint8_t>(header.q | depth_code << kDepthShift));
    writer.varint(file.bpg.size());
    writer.u32(checksum32(file.bpg));

    for (int c = 0; c < coded_channels(header.kind); ++c) {
        writer.u8(static_cast<uint8_t>(-header.alphabets[static_cast<size_t>(c)].lowest));
        writer.u8(static_cast<uint8_t>(header.alphabets[static_cast<size_t>(c)].highest));
    }
    writer.varint(static_cast<uint64_t>(header.tile_width / kTileUnit));
    writer.varint(static_cast<uint64_t>(header.tile_height / kTileUnit));
    for (auto tile : file.tiles) {
        writer.varint(tile.size());
        writer.u32(checksum32(tile));
    }

    put_box(writer, kBoxTau, {reinterpret_cast<const uint8_t*>(header.tau.data()), header.tau.size()});
    put_box(writer, kBoxIcc, file.metadata.icc);
    put_box(writer, kBoxExif, file.metadata.exif);
    put_box(writer, kBoxXmp, file.metadata.xmp);
}

}  // namespace

Buffer<uint8_t> write(const File& file, Allocator& allocator) {
    const uint64_t metadata = file.metadata.icc.size() + file.metadata.exif.size() + file.metadata.xmp.size();
    const Reservation head_memory(allocator, 3 * (metadata + file.tiles.size() * sizeof(uint64_t)));
    ByteWriter body;
    put_body(body, file);
    ByteWriter head;
    for (uint8_t byte : kMagic) head.u8(byte);
    head.u8(kVersion);
    head.varint(body.bytes.size());
    head.put(body.bytes);
    head.u32(checksum32(head.bytes));

    size_t size = head.bytes.size() + file.bpg.size();
    for (auto tile : file.tiles) size += tile.size();
    Buffer<uint8_t> bytes(allocator, size);
    uint8_t* end = bytes.data();
    const auto append = [&end](std::span<const uint8_t> part) {
        if (!part.empty()) std::memcpy(end, part.data(), part.size());
        end += part.size();
    };
    append(head.bytes);
    append(file.bpg);
    for (auto tile : file.tiles) append(tile);
    return bytes;
}

}  // namespace residua::container
