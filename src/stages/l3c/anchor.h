// Where the symbols of L3C's finer planes are expected before any network has spoken: the next coarser z,
// interpolated to twice its size so that the mean of each 2×2 block stays what z says.
// docs/format-l3c.md defines it to the bit.
#pragma once

#include <array>

#include "image/picture_memory.h"
#include "stages/l3c/model.h"

namespace residua::codec {

// Of the planes that D^(s) predicts, as entropy::RowParameters::origin wants it. z must outlive it.
class Anchor {
  public:
    // z: z^(s), a symbol v as the byte 128 + v. channels: of the coded planes; those beyond z's first three
    // have the origin 0.
    Anchor(const models::L3cLatent& latent, int s, const Picture& z, int channels)
        : colours_(latent.anchors_colours(s)), z_(z), channels_(channels) {
        for (int c = 0; c < models::kAnchoredChannels; ++c)
            steps_[static_cast<size_t>(c)] = latent.anchor_step(s, c);
    }

    // Pixels x … x + pixels − 1 of row y of the coded planes, [pixel][channel]. For several threads at once.
    void row(int y, int x, int pixels, int16_t* origin) const;

  private:
    using Values = std::array<int, models::kAnchoredChannels>;
    // In 1/8 symbols: column `column` of z, or the nearest, interpolated in height at its row `near`, of
    // which row y of the coded planes is the upper or the lower half. 0 for channels that z does not have.
    Values interpolated_in_height(int y, int column) const;

    const bool colours_;  // z has G, R − G, B − G
    Values steps_;
    const Picture& z_;
    const int channels_;
};

}  // namespace residua::codec
