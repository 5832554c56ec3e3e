// The lossy layer's decoder: a BPG file to x_l, the lossy reconstruction.
#pragma once

#include <cstdint>
#include <span>

#include "base/memory.h"
#include "image/picture.h"

namespace residua::lossy {

// Writes x_l, the top-left part of the BPG picture, into
// `picture`, whose size and channels the caller knows. Throws
//   kCorrupt, kTruncated  the bytes are no BPG file, their HEVC data is damaged, or the file's size or kind
//   is
//                         not what encode_bpg makes of such a picture (grey for 1 channel, 4:4:4 for 3; a
//                         side below kSmallestBpgSide padded to it);
//   kUnsupported          another colour space or depth than full-range BT.601 of 8 or 10 bits, alpha,
//   animation; kMemoryLimit, kOutOfMemory.
// The picture's pixels are then unspecified. Damage is not always found, but a part of the picture that
// was never decoded is, and pixels depend on the file alone. The container's checksum of the pixels
// finds the rest. threads ≥ 1; the result does not depend on it. Threads may call it at the same time.
void decode_bpg(std::span<const uint8_t> bpg, const MutablePictureView& picture, Allocator& allocator,
                int threads);

// The same picture with six bits more than 8: 64·value, before
// the rounding to x_l = (fine + 32) >> 6. Throws as decode_bpg.
void decode_bpg_fine(std::span<const uint8_t> bpg, const FineView& picture, Allocator& allocator,
                     int threads);

}  // namespace residua::lossy
