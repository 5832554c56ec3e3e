// The encoder's side of OLM's stage.
#pragma once

#include "codec/enc_stage.h"
#include "models/olm.h"

namespace residua::codec {

EncoderStages olm_encoder_stages(const models::OlmModel& model, Proof proof);

}  // namespace residua::codec
