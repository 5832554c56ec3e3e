// The decoder's side of RC's stages.
#pragma once

#include "stages/rc/model.h"
#include "stages/stage.h"

namespace residua::codec {

// Stage 0, which needs no model: x_l before its rounding.
std::unique_ptr<DecoderStage> lossy_decoder_stage(const container::File& file);

// The same as a picture.
std::unique_ptr<DecoderStage> lossy_preview_stage(const container::File& file);

std::unique_ptr<DecoderStage> residual_decoder_stage(const container::File& file, const StreamSource& streams,
                                                     const models::RcModel& model);

}  // namespace residua::codec
