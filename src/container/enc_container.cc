#include <cstring>

#include "container/enc_boxes.h"

namespace residua::container {

namespace {

void put_payload(ByteWriter& writer, std::span<const uint8_t> bytes) {
    writer.varint(bytes.size());
    writer.u32(checksum32(bytes));
}

void put_body(ByteWriter& writer, const File& file) {
    const Header& header = file.header;
    const FileTraits traits = header.method->traits();
    writer.u8(static_cast<uint8_t>(header.kind));
    const bool any = header.kind == Kind::kAny, picture = header.kind != Kind::kBytes;
    if (any) put_picture_kind(writer, header.picture);
    if (picture) {
        writer.varint(static_cast<uint64_t>(header.width));
        writer.varint(static_cast<uint64_t>(header.height));
    }
    writer.u8(traits.number);
    if (!traits.keeps_bytes) writer.u64(header.model_hash);
    if (picture) writer.u64(header.pixel_checksum);

    header.method->write_fields(writer, header);
    if (traits.payload) put_payload(writer, file.payload);

    const bool counted = traits.keeps_bytes;
    for (int c = 0; !any && !counted && c < header.coded_channels(); ++c) {
        writer.u8(static_cast<uint8_t>(-header.alphabets[static_cast<size_t>(c)].lowest));
        writer.u8(static_cast<uint8_t>(header.alphabets[static_cast<size_t>(c)].highest));
    }
    const bool has_tiles = !counted && (!any || !file.streams[0].empty());
    if (any && !counted) writer.u8(has_tiles);
    if (has_tiles) {
        writer.varint(static_cast<uint64_t>(header.tile_width / kTileUnit));
        writer.varint(static_cast<uint64_t>(header.tile_height / kTileUnit));
    }
    for (const auto& stage : file.streams) {
        if (counted) writer.varint(stage.size());
        for (auto tile : stage) put_payload(writer, tile);
    }

    put_box(writer, kBoxTau, {reinterpret_cast<const uint8_t*>(header.tau.data()), header.tau.size()});
    if (header.adaptive) put_box(writer, kBoxAdaptation, {&kAdaptation, 1});
    put_metadata(writer, file.metadata);
}

}  // namespace

Buffer<uint8_t> write(const File& file, Allocator& allocator) {
    const uint64_t metadata = metadata_bytes(file.metadata);
    size_t tiles = 0;
    size_t stream_bytes = 0;
    for (const auto& stage : file.streams) {
        tiles += stage.size();
        for (auto tile : stage) stream_bytes += tile.size();
    }
    const Reservation head_memory(allocator, 3 * (metadata + tiles * sizeof(uint64_t)));
    ByteWriter body;
    put_body(body, file);
    const ByteWriter head = complete_head(kVersion, body);

    Buffer<uint8_t> bytes(allocator, head.bytes.size() + file.payload.size() + stream_bytes);
    uint8_t* end = bytes.data();
    const auto append = [&end](std::span<const uint8_t> part) {
        if (!part.empty()) std::memcpy(end, part.data(), part.size());
        end += part.size();
    };
    append(head.bytes);
    append(file.payload);
    for (const auto& stage : file.streams)
        for (auto tile : stage) append(tile);
    return bytes;
}

}  // namespace residua::container
