// Decoding that notes where the bits of a file are.
#pragma once

#include <functional>
#include <string>

#include "codec/dec_codec.h"
#include "stages/stage_bits.h"

namespace residua::codec {

// A stage of a file of version 1.
struct ExplainedStage {
    const container::File& file;
    std::string name;
    const StageBits& bits;
    uint64_t size;  // bytes
    // Of each tile; empty: the stage is not cut into tiles, and its bits are known as a whole only.
    std::span<const std::span<const uint8_t>> tiles;
};
using ExplainVisit = std::function<void(const ExplainedStage& stage)>;

// As decode(). Calls visit(stage) on this thread for each stage that takes bytes, coarse to fine, once it is
// decoded; the pixels' checksum is compared after the last one. Holds the bits of one stage at a time.
Picture explain(const container::File& file, const models::Registry& models, Session& session, double share,
                const ExplainVisit& visit);

}  // namespace residua::codec
