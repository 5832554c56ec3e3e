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

}  // namespace residua::api
