// Encoding a picture, and the proof that it was encoded.
#pragma once

#include "base/session.h"
#include "container/container.h"
#include "image/picture.h"
#include "models/registry.h"
#include "stages/enc_stage.h"

namespace residua::codec {

struct EncodeRequest {
    PictureView picture;  // 1 or 3 channels
    container::Metadata metadata;
    const char* model;  // both as for Registry::choose
    const char* codec;
    int q;          // as for choose_q() (stages/rc/enc_q_choice.h); 0 at high efforts: a search around that
    int bit_depth;  // 0: the model's default
    int effort;     // 1…9
    Proof proof;
    Tau tau = Tau::kDefault;
    Adaptation adaptation = Adaptation::kDefault;
};

// The model that a picture is coded with. Throws kModelMissing or kInvalidArgument.
const models::Registry::Entry& choose_model(const EncodeRequest& request, const models::Registry& models);

// The file, a whole one (version 1), proved. Uses `share` of the session's progress. Throws kModelMissing,
// kInvalidArgument, kMemoryLimit, kCancelled, and kInternal when the proof fails.
Buffer<uint8_t> encode_whole(const EncodeRequest& request, const models::Registry& models, Session& session,
                             double share);

// The same, and with it the session's progress is complete.
Buffer<uint8_t> encode(const EncodeRequest& request, const models::Registry& models, Session& session);

}  // namespace residua::codec
