// The encoder's side of OLM's stage.
#pragma once

#include "stages/enc_stage.h"
#include "stages/olm/model.h"

namespace residua::codec {

EncoderStages olm_encoder_stages(const models::OlmModel& model, const EncoderOptions& options);

}  // namespace residua::codec
