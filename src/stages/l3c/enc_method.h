// The encoder's side of L3C.
#pragma once

#include "stages/enc_method.h"

namespace residua::codec {

const EncoderMethod& l3c_encoder();

}  // namespace residua::codec
