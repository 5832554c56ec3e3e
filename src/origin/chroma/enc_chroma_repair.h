// Chroma of fewer samples where clamping hid what it was:
// samples that make as many pixels as possible possible.
#pragma once

#include "base/session.h"
#include "image/picture_memory.h"
#include "origin/enc_colour_lattice.h"
#include "planes/chroma_upsampling.h"

namespace residua::codec {

// x: the picture. Where a pixel has no luma with which the lattice makes it, moves the samples that its
// chroma comes from, both components at once, downhill on the pixels' misfits (LatticeInverse::misfit). What
// an unclamped pixel asks for is a point, what a clamped one asks for a line or an area of Cb and Cr, which a
// search in either alone cannot see. The result does not depend on the number of threads. Throws
// kMemoryLimit.
void repair_chroma(const PictureView& x, const LatticeInverse& lattice, const ChromaGrid& grid,
                   Picture& chroma, Session& session);

}  // namespace residua::codec
