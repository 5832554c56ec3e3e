// What the calls that decode share.
#pragma once

#include "api/api.h"
#include "codec/dec_rows.h"

namespace residua::api {

// Decodes whole files with the context's models. Both must outlive it.
inline codec::DecodeWhole decoder(residua_context* context, Session& session) {
    return [context, &session](const container::File& file, double share) {
        return codec::decode_all(file, context->models, session, share);
    };
}

// Throws kInvalidArgument where a region has no pixels, or some that the picture does not have.
void expect_inside(uint32_t x, uint32_t y, uint32_t width, uint32_t height, int whole_width,
                   int whole_height);

}  // namespace residua::api
