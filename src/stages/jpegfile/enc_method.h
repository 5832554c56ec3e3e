// The encoder's side of method.h.
#pragma once

#include "stages/enc_method.h"

namespace residua::codec {

const EncoderMethod& jpeg_file_encoder();

}  // namespace residua::codec
