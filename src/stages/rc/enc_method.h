// The encoder's side of RC.
#pragma once

#include "stages/enc_method.h"

namespace residua::codec {

const EncoderMethod& rc_encoder();

}  // namespace residua::codec
