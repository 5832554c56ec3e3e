// The lossy layer's encoder: an 8-bit picture to a BPG file. Only in builds with RESIDUA_ENCODER.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/memory.h"
#include "image/picture.h"
#include "lossy/planes.h"

namespace residua::lossy {

struct LossyOptions {
    // QP of the HEVC slice, 0 … 51: the number that the stream holds. (x265's default ipratio of 1.4, which
    // BPG's own encoder leaves in force, codes an intra picture at QP = Q − 3; ours is 1.)
    int q = 12;
    int bit_depth = 10;  // of Y, Cb and Cr: 8 (as in the RC paper) or 10
    int effort = 5;      // 1 … 9: x265's presets, see docs/lab/lossy-layer.md
    int threads = 1;     // ≥ 1; the bytes do not depend on it
};

// A BPG file of the picture, 4:4:4 for 3 channels and grey for 1. A side shorter than kSmallestBpgSide is
// made that long by repeating the last column or row; x_l is the top-left part. Throws kInvalidArgument for
// options out of range, kUnsupported for a side above kLargestBpgSide, kMemoryLimit, kOutOfMemory, and
// kInternal when the HEVC library fails. Threads may call it at the same time.
//
// `recon`, if any, receives the encoder's own reconstruction before the colour conversion, padded to
// multiples of 8. Reading it costs nothing; it equals what any HEVC decoder gives.
std::vector<uint8_t> encode_bpg(const PictureView& picture, const LossyOptions& options, Allocator& allocator,
                                const std::function<void(const PlanesView&)>& recon = nullptr);

}  // namespace residua::lossy
