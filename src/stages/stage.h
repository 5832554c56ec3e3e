// A codec is a list of stages, coarse to fine. Each takes what the decoder knows already and adds to it:
//
//   RC:  (0) the lossy layer gives x_l; (1) the residual, coded with the network's distribution, turns x_l
//   into
//        x.
//   L3C: (0) z^(S) under a uniform distribution; (1 … S − 1) z^(s), coded with what D^(s+1) makes of z^(s+1)
//   and
//        of the features before it; (S) the picture, coded with what D^(1) makes of z^(1) and f^(2).
//
// The encoder's side of each stage is in enc_stage.h.
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

// What the decoder knows after some of the stages, without what no later stage needs.
struct Known {
    // RC, both of the coded channels:
    std::optional<FinePicture> lossy;  // after the lossy layer
    // L3C: z^(s) is z[s], of the padded picture; the symbol v is the byte 128 + v.
    std::array<std::optional<Picture>, models::kMaxScales + 1> z;
    std::optional<Picture> features;  // that the last network left for the next one, at that one's z
    // Both, of the coded channels:
    std::optional<Picture> picture;  // x, after the last stage
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

// The stages of a file, in order; its entropy-coded symbols come from `streams`. All arguments must outlive
// them. Throws kModelMissing, and kCorrupt when file and model do not fit.
DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                             const models::Registry& models);

// The stages but the last, and in its place one that makes the picture that is likely without it. RC's need
// no model.
DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                             const models::Registry& models);

}  // namespace residua::codec
