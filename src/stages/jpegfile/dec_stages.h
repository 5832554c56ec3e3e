// The pixels of a JPEG that is kept byte for byte.
#pragma once

#include "jpeg/dissection.h"
#include "stages/stage.h"

namespace residua::codec {

// (0) the DCs, (1) the ACs and the picture. For files of container::Kind::kBytes: throws kUnsupported.
DecoderStages kept_picture_stages(const container::File& file);
// (0) the DCs, then the picture at 1/8 of both sides that they make.
DecoderStages kept_preview_stages(const container::File& file);

// All its coefficients must be there, and it must have a jpeg_picture_kind().
Picture picture_of(const jpeg::JpegPart& part, Session& session);

}  // namespace residua::codec
