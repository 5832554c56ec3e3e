// RC's lossy layer by itself: what its network is trained on.
#pragma once

#include "base/session.h"
#include "image/picture.h"
#include "lossy/bpg.h"

namespace residua::codec {

constexpr int kLargestQ = lossy::kMaxQ;

struct LossyRequest {
    PictureView picture;       // 1 or 3 channels
    int q, bit_depth, effort;  // 0…51; 8 or 10; 1…9
};

// Fills `out`, of the picture's size and channels, with x_l as encoder and decoder have it, and returns the
// bytes of the BPG stream. Throws as encode_whole().
uint64_t lossy_reconstruction(const LossyRequest& request, const MutablePictureView& out, Session& session);

// The same before the rounding to 8 bits.
uint64_t lossy_reconstruction(const LossyRequest& request, const FineView& out, Session& session);

}  // namespace residua::codec
