// RC's residual stage, as encoder and decoder share it.
#pragma once

#include "image/picture.h"
#include "stages/coded_planes.h"
#include "stages/pass.h"
#include "stages/rc/model.h"

namespace residua::codec {

// lossy: 1 or 3 channels, of the picture's size. The arguments must outlive the result.
CodedPlanes residual_planes(const container::Header& header, const models::RcModel& model,
                            const FineView& lossy);

void run_residual_pass(const models::RcModel& model, const FineView& lossy, const Tiling& tiling,
                       TileCoder& coder, Session& session);

}  // namespace residua::codec
