// The encoder's side of OLM.
#pragma once

#include "stages/enc_method.h"

namespace residua::codec {

const EncoderMethod& olm_encoder();

}  // namespace residua::codec
