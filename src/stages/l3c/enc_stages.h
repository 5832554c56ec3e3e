// The encoder's side of L3C's stages.
#pragma once

#include "stages/enc_stage.h"
#include "stages/l3c/model.h"

namespace residua::codec {

EncoderStages l3c_encoder_stages(const models::L3cModel& model);

}  // namespace residua::codec
