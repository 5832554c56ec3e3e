// A method (a codec) is a list of stages, coarse to fine. Each takes what the decoder knows already and adds
// to it. docs/architecture.md lists the stages of each method; its encoder's side is in enc_stage.h.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "base/session.h"
#include "container/container.h"
#include "image/picture_memory.h"
#include "models/registry.h"
#include "stages/tile_streams.h"

namespace residua::codec {

// The metadata of a file that is kept byte for byte.
struct KeptMetadata {
    Buffer<uint8_t> bytes;
    container::Metadata entries;  // which lie there
};

// What the decoder knows after some of the stages, without what no later stage needs.
struct Known {
    std::optional<FinePicture> lossy;  // after a lossy layer, in the coded channels
    // Coarser planes: z^(s) is z[s], of the padded picture; the symbol v is the byte 128 + v.
    std::array<std::optional<Picture>, models::kMaxScales + 1> z;
    std::optional<Picture> features;  // that the last network left for the next one, at that one's z
    std::shared_ptr<const KeptMetadata> metadata;  // of a method that keeps a file's bytes
    std::optional<Picture> picture;                // x, after the last stage, in the coded channels
};

class DecoderStage {
  public:
    virtual ~DecoderStage() = default;
    // The part of the whole decoding time that the stage takes, for progress; roughly.
    virtual double share() const = 0;
    // Reads the stage's payload and adds to `known`. Throws kCorrupt or kTruncated, whatever the payload is.
    virtual void decode(Known& known, Session& session) const = 0;
};

using DecoderStages = std::vector<std::unique_ptr<DecoderStage>>;

}  // namespace residua::codec
