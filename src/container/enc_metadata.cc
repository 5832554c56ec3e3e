#include "container/enc_metadata.h"

#include <cstring>

#include "container/enc_boxes.h"
#include "container/strips.h"

namespace residua::container {

namespace {

bool holds_metadata(uint8_t tag) {
    return tag == kBoxIcc || tag == kBoxExif || tag == kBoxXmp || tag == kBoxNamed || tag == kBoxPacked;
}

ByteWriter with_metadata(const BodyParts& body, const Metadata& metadata) {
    ByteWriter writer;
    writer.put(body.fields);
    for (ByteReader boxes(body.boxes, "file's header"); !boxes.at_end();) {
        const size_t begin = boxes.position();
        // Also one that this version does not know: it is none of the metadata.
        if (!holds_metadata(read_box(boxes).tag))
            writer.put(body.boxes.subspan(begin, boxes.position() - begin));
    }
    put_metadata(writer, metadata);
    return writer;
}

}  // namespace

Buffer<uint8_t> replace_metadata(std::span<const uint8_t> bytes, const Metadata& metadata, Methods methods,
                                 Allocator& allocator) {
    const bool strips = version_of(bytes) == FileVersion::kStrips;
    const Reservation memory(allocator, 3 * metadata_bytes(metadata));
    ByteWriter head;
    std::span<const uint8_t> rest;
    if (strips) {
        MemoryInput input(bytes);
        input.take(kVersionBytes);
        StripReader reader(input, methods);
        rest = bytes.subspan(static_cast<size_t>(reader.size()));
        for (int strip = 0; strip < reader.head().count(); ++strip) reader.next();
        head = complete_head(kStripVersion, with_metadata(reader.head().body, metadata));
    } else {
        const File file = parse(bytes, methods);
        if (file.header.method->traits().keeps_bytes)
            throw Error(
                ErrorCode::kUnsupported,
                "this file keeps a JPEG file byte for byte, and its metadata are part of those bytes; "
                "restore it, change it, and encode it again");
        const auto end = file.body.boxes.data() + file.body.boxes.size() + kChecksumBytes;
        rest = bytes.subspan(static_cast<size_t>(end - bytes.data()));
        head = complete_head(kVersion, with_metadata(file.body, metadata));
    }
    Buffer<uint8_t> out(allocator, head.bytes.size() + rest.size());
    std::memcpy(out.data(), head.bytes.data(), head.bytes.size());
    if (!rest.empty()) std::memcpy(out.data() + head.bytes.size(), rest.data(), rest.size());
    return out;
}

}  // namespace residua::container
