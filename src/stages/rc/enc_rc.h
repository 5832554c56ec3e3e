// The encoder's side of RC's stages.
#pragma once

#include "models/rc.h"
#include "stages/enc_stage.h"

namespace residua::codec {

EncoderStages rc_encoder_stages(const EncoderOptions& options, const models::RcModel& model);

}  // namespace residua::codec
