#include "codec/dec_kept.h"

#include "base/stage_profile.h"
#include "container/strips.h"
#include "stages/methods.h"

namespace residua::codec {

Buffer<uint8_t> restore(std::span<const uint8_t> bytes, Session& session) {
    if (container::version_of(bytes) == container::FileVersion::kStrips)
        throw Error(ErrorCode::kUnsupported, "this file holds a picture in strips, and no other file");
    const StageScope stage(Stage::kBlocks);
    const container::File file = parse_file(bytes);
    return method_of(file.header).restore(file, session);
}

bool keeps_a_file(std::span<const uint8_t> first_bytes) {
    return container::keeps_bytes(first_bytes, file_methods());
}

}  // namespace residua::codec
