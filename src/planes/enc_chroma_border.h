// The writer's half of chroma_border.h.
#pragma once

#include "base/bytes.h"
#include "image/picture_memory.h"
#include "planes/plane_transform.h"

namespace residua::codec {

// Sets transform.border: what no block has of `chroma`, all samples of both planes.
void take_border(const Picture& chroma, PlaneTransform& transform, Allocator& allocator);

// What PlaneTransform::parse reads after the exceptions.
void write_border(const PlaneTransform& transform, ByteWriter& out);

}  // namespace residua::codec
