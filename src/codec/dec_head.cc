#include "codec/dec_head.h"

#include "base/byte_input.h"
#include "container/strips.h"
#include "stages/methods.h"

namespace residua::codec {

PictureHead read_head(std::span<const uint8_t> bytes) {
    if (container::version_of(bytes) == container::FileVersion::kStrips) {
        MemoryInput input(bytes);
        input.take(container::kVersionBytes);
        const container::StripReader reader(input, file_methods());
        const container::StripHead& head = reader.head();
        return {head.width, head.height, head.picture, head.metadata};
    }
    const container::File file = parse_file(bytes);
    if (file.header.kind == container::Kind::kBytes)
        throw Error(
            ErrorCode::kUnsupported,
            "this file keeps the bytes of a file whose pixels cannot be given here; restore that file");
    return {file.header.width, file.header.height, file.header.picture, file.metadata};
}

}  // namespace residua::codec
