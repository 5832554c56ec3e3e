// For builds without an HEVC encoder (RESIDUA_X265=OFF): all codecs but rc encode.
#include "base/error.h"
#include "lossy/enc_hevc.h"

namespace residua::lossy {

namespace {

[[noreturn]] void refuse() {
    throw Error(
        ErrorCode::kUnsupported,
        "this build cannot encode with codec rc, since it was made without libx265; take another codec");
}

}  // namespace

bool has_hevc_encoder() { return false; }
void require_hevc_encoder() { refuse(); }

HevcStream encode_hevc(const PlanesView&, const HevcEncoderOptions&, const HevcEncoderHooks&) { refuse(); }

// Asked first.
uint64_t hevc_encoder_memory(int, int, int, int, int) { refuse(); }

}  // namespace residua::lossy
