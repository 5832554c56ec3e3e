// Where the symbols of L3C's finer planes are expected before any network has spoken: the next coarser z,
// interpolated linearly to twice its size. docs/format.md defines it to the bit.
#pragma once

#include "codec/picture_memory.h"
#include "models/l3c.h"

namespace residua::codec {

// Of the planes that D^(s) predicts, as entropy::RowParameters::origin wants it. z must outlive it.
class Anchor {
  public:
    // z: z^(s), a symbol v as the byte 128 + v. channels: of the coded planes; those beyond z's first three
    // have the origin 0.
    Anchor(const models::L3cLatent& latent, int s, const Picture& z, int channels)
        : scale_(latent.anchor_scale(s)),
          differences_(s == 1 && latent.kind == models::LatentKind::kLearned),
          z_(z),
          channels_(channels) {}

    // Pixels x … x + pixels − 1 of row y of the coded planes, [pixel][channel]. For several threads at once.
    void row(int y, int x, int pixels, int16_t* origin) const;

  private:
    const int scale_;
    const bool differences_;  // z has G, R − G, B − G
    const Picture& z_;
    const int channels_;
};

}  // namespace residua::codec
