// For builds without an HEVC encoder (RESIDUA_X265=OFF): all codecs but rc encode, and all decode.
#include "base/error.h"
#include "lossy/enc_hevc.h"

namespace residua::lossy {

HevcStream encode_hevc(const PlanesView&, const HevcEncoderOptions&, const HevcEncoderHooks&) {
    throw Error(
        ErrorCode::kUnsupported,
        "this build cannot encode with codec rc, since it was made without libx265; take another codec");
}

uint64_t hevc_encoder_memory(int, int, int, int, int) { return 0; }

}  // namespace residua::lossy
