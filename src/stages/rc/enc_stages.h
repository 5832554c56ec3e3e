// The encoder's side of RC's stages.
#pragma once

#include "stages/enc_stage.h"
#include "stages/rc/model.h"

namespace residua::codec {

EncoderStages rc_encoder_stages(const EncoderOptions& options, const models::RcModel& model);

}  // namespace residua::codec
