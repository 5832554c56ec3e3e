// How the encoder makes planes: which colours, which maps. The decoder reads what was chosen, so that all of
// this may be changed without a new format.
#pragma once

#include "base/bytes.h"
#include "base/session.h"
#include "planes/enc_forward_planes.h"

namespace residua::codec {

// x: 1 or 3 channels. transform.inverse(view()) is x, whatever the options. The result does not depend on the
// number of threads.
ForwardPlanes make_planes(const PictureView& x, const PlaneOptions& options, Session& session);

// What PlaneTransform::parse reads.
void write_plane_transform(const PlaneTransform& transform, Allocator& allocator, ByteWriter& out);

}  // namespace residua::codec
