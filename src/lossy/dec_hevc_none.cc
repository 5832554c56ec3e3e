// For builds without an HEVC decoder (RESIDUA_LIBDE265=OFF): files of all codecs but rc are decoded.
#include "base/error.h"
#include "lossy/dec_hevc.h"

namespace residua::lossy {

namespace {

[[noreturn]] void refuse() {
    throw Error(ErrorCode::kUnsupported,
                "this build cannot decode files of codec rc, since it was made without libde265; decode them "
                "with a build that has it");
}

}  // namespace

bool has_hevc_decoder() { return false; }
void require_hevc_decoder() { refuse(); }

void decode_hevc(const HevcSps&, std::span<const uint8_t>, Allocator&, int,
                 const std::function<void(const PlanesView&)>&) {
    refuse();
}

// Asked first.
uint64_t hevc_decoder_memory(const HevcFormat&, size_t) { refuse(); }

}  // namespace residua::lossy
