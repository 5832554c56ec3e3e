// Encoding a picture, and the proof that it was encoded.
#pragma once

#include <optional>

#include "base/session.h"
#include "container/container.h"
#include "image/picture.h"
#include "models/registry.h"
#include "stages/enc_method.h"

namespace residua::codec {

struct EncodeRequest {
    PictureView picture;
    container::Metadata metadata;
    const char* model;  // both as for Registry::choose
    const char* codec;
    int q;  // these as in EncoderOptions; at high efforts 0 is a search for the smallest file
    int bit_depth;
    int effort;
    Proof proof;
    Tau tau = Tau::kDefault;
    Adaptation adaptation = Adaptation::kDefault;
    std::optional<PictureKind> kind = {};  // of the channels; none: 8 bits, grey or RGB

    PictureKind picture_kind() const {
        return kind.value_or(PictureKind{picture.channels == 1 ? Colour::kGrey : Colour::kRgb, false, 8});
    }
    EncoderOptions options() const {
        return {q, bit_depth, effort, tau, adaptation, proof, picture_kind().bits};
    }
};

// The model that a picture is coded with, and with it the method. Throws kModelMissing or kInvalidArgument.
const models::Registry::Entry& choose_model(const EncodeRequest& request, const models::Registry& models);

// The file, a whole one (version 1), proved. Uses `share` of the session's progress. Throws kModelMissing,
// kInvalidArgument, kMemoryLimit, kCancelled, and kInternal when the proof fails.
Buffer<uint8_t> encode_whole(const EncodeRequest& request, const models::Registry& models, Session& session,
                             double share);

}  // namespace residua::codec
