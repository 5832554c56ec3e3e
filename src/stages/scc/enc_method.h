#pragma once

#include "stages/enc_method.h"

namespace residua::codec {

const EncoderMethod& scc_encoder();

}  // namespace residua::codec
