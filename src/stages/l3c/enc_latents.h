// How the encoder finds L3C's z. The decoder reads them, so that it may be changed without a new format; the
// trainer's networks expect exactly this.
#pragma once

#include <functional>

#include "base/session.h"
#include "image/picture_memory.h"
#include "stages/l3c/model.h"
#include "stages/stage.h"

namespace residua::codec {

// Fills known.z[1] … known.z[S]: what the model's encoder network gives for the
// padded picture, or its pyramid, or without either its averages: over each block
// of 2^s × 2^s pixels the sums of G − 128, R − G and B − G, divided by the block's
// pixels and by the model's steps, rounded (halves up) and limited to the levels.
void find_latents(const models::L3cModel& model, const PictureView& x, Known& known, Session& session);

// The pyramid's step, in integers: the bicubic filter, widened against aliasing. With p of width × height
// pixels, both even, three bytes each, and edge samples repeated outside,
//
//   t = −3, −9, 29, 111, 111, 29, −9, −3
//   h(i, y) = (Σ_j t_j p(2i − 3 + j, y) + 8) >> 4
//   out(i, k) = clip((Σ_j t_j h(i, 2k − 3 + j) + 2^11) >> 12, 0, 255)
//
// rows(y, row): writes row y of p; from several threads at once.
Picture halve_rgb(const std::function<void(int y, uint8_t* row)>& rows, int width, int height,
                  Session& session);

}  // namespace residua::codec
