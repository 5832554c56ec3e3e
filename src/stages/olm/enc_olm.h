// The encoder's side of OLM's stage.
#pragma once

#include "models/olm.h"
#include "stages/enc_stage.h"

namespace residua::codec {

EncoderStages olm_encoder_stages(const models::OlmModel& model, Proof proof);

}  // namespace residua::codec
