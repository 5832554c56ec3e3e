#include "container/boxes.h"

#include "container/layout.h"

namespace residua::container {

void corrupt(const std::string& message) { throw Error(ErrorCode::kCorrupt, message); }

void unsupported(const std::string& what) {
    throw Error(
        ErrorCode::kUnsupported,
        "this file uses " + what + ", which this version of Residua does not know; a later one is needed");
}

Box read_box(ByteReader& reader) {
    const uint8_t tag = reader.u8();
    return {tag, reader.take(reader.varint())};
}

void require_once(bool first, const Box& box) {
    if (!first || box.bytes.empty()) corrupt("the file's header has a box twice, or an empty one");
}

void keep_metadata(const Box& box, Metadata& metadata) {
    const auto keep = [&](std::span<const uint8_t>& place) {
        require_once(place.empty(), box);
        place = box.bytes;
    };
    switch (box.tag) {
        case kBoxIcc:
            return keep(metadata.icc);
        case kBoxExif:
            return keep(metadata.exif);
        case kBoxXmp:
            return keep(metadata.xmp);
        default:
            if (!(box.tag & kBoxOptional)) unsupported("a box of type " + std::to_string(box.tag));
    }
}

}  // namespace residua::container
