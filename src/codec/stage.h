// A codec is a list of stages, coarse to fine. Each takes what the decoder knows already and adds to it:
//
//   RC: (0) the lossy layer gives x_l; (1) the residual, coded with the network's distribution, turns x_l
//   into x.
//
// The encoder's side of each stage is in enc_stage.h.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "codec/picture_memory.h"
#include "codec/session.h"
#include "container/container.h"
#include "models/registry.h"

namespace residua::codec {

// What the decoder knows after some of the stages.
struct Known {
    // Both of the coded channels.
    std::optional<FinePicture> lossy;  // after the lossy layer
    std::optional<Picture> picture;    // x, after the residual
};

class DecoderStage {
  public:
    virtual ~DecoderStage() = default;
    // The part of the whole decoding time that the stage takes, for progress; roughly.
    virtual double share() const = 0;
    // Reads the stage's payload and adds to `known`. Throws kCorrupt or kTruncated, whatever the payload is.
    virtual void decode(Known& known, Session& session) const = 0;
};

// The stages of a file, in order. The file must outlive them; `models` is needed from the residual on. Throws
// kModelMissing, and kCorrupt when file and model do not fit.
std::vector<std::unique_ptr<DecoderStage>> decoder_stages(const container::File& file,
                                                          const models::Registry& models);

// Stage 0 alone, which needs no model.
std::unique_ptr<DecoderStage> lossy_decoder_stage(const container::File& file);

}  // namespace residua::codec
