// L3C's stages, as encoder and decoder share them: z^(S) without a network, then D^(S) … D^(1).
#pragma once

#include "stages/coded_planes.h"
#include "stages/l3c/model.h"
#include "stages/pass.h"
#include "stages/stage.h"

namespace residua::codec {

// The planes of z^(s), 1 ≤ s ≤ S, or of the picture for s = 0. The arguments must outlive the result.
CodedPlanes scale_planes(const container::Header& header, const models::L3cModel& model, int s);

// Space for them.
Picture make_planes(const CodedPlanes& planes, Allocator& allocator);

// Runs D^(s) over z^(s) and the features in `known`, for the planes of s − 1; leaves the next features there,
// and releases what it has read.
void run_scale_pass(const models::L3cModel& model, int s, const CodedPlanes& planes, Known& known,
                    TileCoder& coder, Session& session);

// The part of all networks' work that D^(s) has: planes of s − 1 have 1/4^(s − 1) of the pixels.
double scale_share(int scales, int s);

}  // namespace residua::codec
