// Whether a picture looks drawn.
#pragma once

#include "image/picture.h"
#include "stages/enc_method.h"

namespace residua::codec {

Promise scc_promise(const PictureView& x);

}  // namespace residua::codec
