#include "codec/limits.h"

#include <string>

namespace residua::codec {

namespace {

void check(uint64_t limit, uint64_t there, const char* what) {
    if (limit == 0 || there <= limit) return;
    throw Error(ErrorCode::kMemoryLimit, "the file has " + std::to_string(there) + " " + what +
                                             ", more than the " + std::to_string(limit) +
                                             " that are allowed; nothing was decoded");
}

void check_common(const Limits& limits, int width, int height, const container::Metadata& metadata) {
    check(limits.pixels, product(width, height), "pixels");
    uint64_t bytes = 0;
    for (const container::MetadataEntry& entry : metadata) bytes += entry.bytes.size();
    check(limits.metadata, bytes, "bytes of metadata");
}

}  // namespace

void check_limits(const Limits& limits, const container::File& file) {
    check_common(limits, file.header.width, file.header.height, file.metadata);
}

void check_limits(const Limits& limits, const container::StripHead& head) {
    check_common(limits, head.width, head.height, head.metadata);
    check(limits.strips, static_cast<uint64_t>(head.count()), "strips");
}

}  // namespace residua::codec
