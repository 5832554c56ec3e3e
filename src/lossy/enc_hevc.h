// The HEVC encoder behind one narrow interface. enc_hevc_x265.cc implements it with libx265 (GPL), and only a
// build with RESIDUA_ENCODER and RESIDUA_X265 has it.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "lossy/hevc_sps.h"
#include "lossy/planes.h"

namespace residua::lossy {

// Whether this build has an encoder. Without one the functions below throw kUnsupported.
bool has_hevc_encoder();
// Throws that.
void require_hevc_encoder();

struct HevcEncoderOptions {
    int q = 12;       // the slice's QP, 0 … 51; the stream's SliceQpY at any bit depth
    int effort = 5;   // 1 … 9
    int threads = 1;  // ≥ 1; the stream does not depend on it
};

struct HevcStream {
    HevcSps sps;
    std::vector<uint8_t> data;  // PPS and slice NAL units, the first without start code
};

// Smallest width and height that the encoder accepts.
constexpr int kSmallestHevcSide = 16;
// Width and height that it accepts are multiples of this: the smallest coding block.
constexpr int kHevcBlock = 8;

struct HevcEncoderHooks {
    std::function<void()> input_copied;  // called when the planes handed in are no longer needed
    // Called with the encoder's own reconstruction, which every decoder must reproduce.
    std::function<void(const PlanesView&)> recon;
};

// One intra picture at constant QP. Throws kInternal when the library fails,
// kUnsupported when it lacks the bit depth, kOutOfMemory when it lacks memory
// or a thread. Uses fewer threads where the system lets it start no more.
HevcStream encode_hevc(const PlanesView& planes, const HevcEncoderOptions& options,
                       const HevcEncoderHooks& hooks = {});

// What the library and the stream need at their peak, beside the planes handed in: an upper estimate
// (measured, docs/lab/lossy-layer.md), more than those planes take.
uint64_t hevc_encoder_memory(int width, int height, int planes, int bit_depth, int threads);

}  // namespace residua::lossy
