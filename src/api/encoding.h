// What the calls that encode share.
#pragma once

#include "api/pictures.h"

#ifdef RESIDUA_ENCODER
#include "codec/enc_codec.h"
#endif

namespace residua::api {

// What a decoder-only build answers.
[[noreturn]] void refuse_to_encode();

// The effort to use. Throws kInvalidArgument for options outside their documented range.
int checked_effort(int32_t effort);

#ifdef RESIDUA_ENCODER
void check_lossy_options(int32_t q, int32_t bit_depth);
// The options, checked, with all but the picture. Throws kInvalidArgument.
codec::EncodeRequest encode_request(const container::Metadata& metadata,
                                    const residua_encode_options& options);
#endif

}  // namespace residua::api
