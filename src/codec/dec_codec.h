// Decoding a parsed file.
#pragma once

#include <functional>

#include "stages/stage.h"

namespace residua::codec {

// All stages and the pixel checksum; the result has the coded channels. Uses `share` of the session's
// progress. Throws kModelMissing with the model's hash, kCorrupt, kTruncated, kMemoryLimit, kCancelled.
Picture decode(const container::File& file, const models::Registry& models, Session& session,
               double share = 1);

// With the metadata of a file that is kept byte for byte; null for others.
struct Decoded {
    Picture picture;
    std::shared_ptr<const KeptMetadata> kept;
};
Decoded decode_all(const container::File& file, const models::Registry& models, Session& session,
                   double share);
Decoded preview_all(const container::File& file, const models::Registry& models, Session& session,
                    double share);

// The same with other streams; after_stage() is called when a stage is decoded.
Picture decode(const container::File& file, const StreamSource& streams, const models::Registry& models,
               Session& session, double share, const std::function<void()>& after_stage);

// The stages but the last, and what is likely without it (Method::preview_stages), in the coded channels.
// Progress and what it throws as decode.
Picture preview(const container::File& file, const models::Registry& models, Session& session,
                double share = 1);

// The picture as the encoder was given it: grey stored for RGB becomes three equal channels.
Picture expand(container::Kind kind, Picture coded, Allocator& allocator);

// checksum64 of the samples, rows without gaps, those of two bytes little-endian.
uint64_t pixel_checksum(const PictureView& picture);

}  // namespace residua::codec
