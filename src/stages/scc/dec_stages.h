// The decoder's side of the stage of screen content.
#pragma once

#include "stages/stage.h"

namespace residua::codec {

// File and streams must outlive it. The tiles are the file's; `streams` says where to note their bits.
std::unique_ptr<DecoderStage> scc_decoder_stage(const container::File& file, const StreamSource& streams);

}  // namespace residua::codec
