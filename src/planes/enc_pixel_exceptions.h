// The writer's half of pixel_exceptions.h.
#pragma once

#include "base/bytes.h"
#include "planes/pixel_exceptions.h"

namespace residua::codec {

// What parse_coded_exceptions reads: of a picture of that width, by ascending positions; kinds are
// kDifference and kExplicit.
void write_coded_exceptions(std::span<const PixelException> list, int width, int height, int samples,
                            Allocator& allocator, ByteWriter& out);

}  // namespace residua::codec
