// The decoder's side of the stage of screen content.
#pragma once

#include "stages/stage.h"

namespace residua::codec {

// The file must outlive it.
std::unique_ptr<DecoderStage> scc_decoder_stage(const container::File& file);

}  // namespace residua::codec
