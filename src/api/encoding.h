// What the calls that encode share.
#pragma once

#include "api/api.h"

#ifdef RESIDUA_ENCODER
#include "codec/enc_codec.h"
#endif

namespace residua::api {

// What a decoder-only build answers.
[[noreturn]] void refuse_to_encode();

#ifdef RESIDUA_ENCODER
// The options, checked, and the image's metadata. Throws kInvalidArgument.
codec::EncodeRequest encode_request(const PictureView& picture, const residua_image& image,
                                    const residua_encode_options* options);
inline uint64_t strip_height_of(const residua_encode_options* options) {
    return options ? options->strip_height : 0;
}
#endif

}  // namespace residua::api
