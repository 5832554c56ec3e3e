// Planes as the blocks of the JPEG that they came from.
#pragma once

#include "base/session.h"
#include "planes/enc_forward_planes.h"

namespace residua::codec {

// planes: the triples of all pixels of x in JPEG's colours, or luma and smaller
// chroma; order 0, no maps. counts: exceptions of each row, `exceptions` in all. If
// all planes are what a JPEG decoder makes of some blocks, and that pays, changes
// all of them: the planes are what the blocks give. Throws kMemoryLimit; kCancelled.
void make_blocks(const PictureView& x, ForwardPlanes& planes, uint32_t* counts, uint64_t& exceptions,
                 Session& session);

}  // namespace residua::codec
