// Pictures as Photo CD's decoders made them, for OLM's heads
// to see such: Kodak's own scans are no training data.
#pragma once

#include "data/photo.h"

namespace residua::train {

// To Y, C1, C2 of eight bits, chroma of a quarter of the samples, and back to RGB in Photo CD's arithmetic
// (docs/format-planes.md, 4 and 5).
void make_photo_cd(Photo& photo);

}  // namespace residua::train
