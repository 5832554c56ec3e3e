// The decoder's side of OLM's stage.
#pragma once

#include "stages/olm/model.h"
#include "stages/stage.h"

namespace residua::codec {

std::unique_ptr<DecoderStage> olm_decoder_stage(const container::File& file, const StreamSource& streams,
                                                const models::OlmModel& model);

}  // namespace residua::codec
