// The encoder's side of L3C's stages.
#pragma once

#include "codec/enc_stage.h"
#include "models/l3c.h"

namespace residua::codec {

EncoderStages l3c_encoder_stages(const models::L3cModel& model);

}  // namespace residua::codec
