#include "codec/dec_head.h"

#include <utility>

#include "base/byte_input.h"
#include "codec/limits.h"
#include "container/strips.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

PictureHead read(std::span<const uint8_t> bytes, const Limits& limits, Allocator* allocator) {
    if (container::version_of(bytes) == container::FileVersion::kStrips) {
        MemoryInput input(bytes);
        input.take(container::kVersionBytes);
        const container::StripReader reader(input, file_methods());
        const container::StripHead& head = reader.head();
        check_limits(limits, head);
        return {head.width, head.height, head.picture, head.metadata, nullptr};
    }
    const container::File file = parse_file(bytes);
    check_limits(limits, file);
    if (file.header.kind == container::Kind::kBytes)
        throw Error(
            ErrorCode::kUnsupported,
            "this file keeps the bytes of a file whose pixels cannot be given here; restore that file");
    return head_of(file, allocator ? method_of(file.header).kept_metadata(file, *allocator) : nullptr);
}

}  // namespace

PictureHead head_of(const container::File& file, std::shared_ptr<const KeptMetadata> kept) {
    const container::Metadata& metadata = kept ? kept->entries : file.metadata;
    return {file.header.width, file.header.height, file.header.picture, metadata, std::move(kept)};
}

PictureHead read_head(std::span<const uint8_t> bytes, const Limits& limits) {
    return read(bytes, limits, nullptr);
}
PictureHead read_head_and_kept(std::span<const uint8_t> bytes, const Limits& limits, Allocator& allocator) {
    return read(bytes, limits, &allocator);
}

}  // namespace residua::codec
