// Chroma planes of fewer samples, where a picture's decoder had made its chroma from such.
#pragma once

#include "base/session.h"
#include "planes/enc_forward_planes.h"

namespace residua::codec {

// What a transform without smaller chroma and what one with it pays for a pixel that needs an exception, in
// bits. Serialised; photographs need 9.5 to 11.
constexpr double kExceptionBits = 12;
// Of the gain that estimates see: a better predictor leaves less to gain.
constexpr double kTrustedGain = 0.75;

// planes: the triples of all pixels of x, colours of a lattice, order 0, no maps. counts: exceptions of each
// row, `exceptions` in all. If chroma comes from fewer samples, and that pays, changes all of them: `planes`
// is luma alone then. Throws kMemoryLimit; kCancelled.
void make_chroma_smaller(const PictureView& x, ForwardPlanes& planes, uint32_t* counts, uint64_t& exceptions,
                         Session& session);

}  // namespace residua::codec
