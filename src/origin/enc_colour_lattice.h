// From RGB to the triples of a colour lattice: which Y, Cb, Cr a pixel came from.
#pragma once

#include <array>
#include <cstdint>

#include "planes/colour_lattice.h"

namespace residua::codec {

struct Triple {
    int y, cb, cr;  // 0 … 255 each

    friend bool operator==(const Triple&, const Triple&) = default;
};

// Whether clamping may have hidden what a pixel was: it has a 0 or a 255.
inline bool may_be_clamped(const uint8_t* rgb) {
    const auto extreme = [](uint8_t value) { return static_cast<uint8_t>(value + 1) < 2; };
    return extreme(rgb[0]) || extreme(rgb[1]) || extreme(rgb[2]);
}

// Constant after construction: for several threads at once.
class LatticeInverse {
  public:
    explicit LatticeInverse(PlaneColours colours);  // kJpeg or kPhotoCd

    // Finds a triple whose image is `rgb`; false if there is none. A pixel without a 0 or 255 has at most
    // one. Of the many that clamping lets others have, the one nearest to `hint` (in |ΔY| + |ΔCb| + |ΔCr|; of
    // several, the first in the order of |ΔY|, smaller Y first, then the one that moves Cr rather than Cb;
    // Photo CD's green jumps over levels, so that a pair may be missed where both would have to move).
    bool find(const uint8_t* rgb, const Triple& hint, Triple* found) const;

    // Finds the Y that makes `rgb` with this chroma; of several,
    // the nearest to the hint's. False if there is none.
    bool find_luma(const uint8_t* rgb, const Triple& hint, int* y) const;

    // The Y whose image comes nearest to `rgb` with this chroma, in the largest of the samples' differences;
    // of several, the lowest.
    int nearest_luma(const uint8_t* rgb, const Triple& hint) const;

    // How far chroma is from making `rgb` with any Y: 0 if it does; else 1, and an eighth for each level by
    // which the lumas differ that the three samples ask for.
    float misfit(const uint8_t* rgb, int cb, int cr) const;

    // One row of `width` pixels, three bytes each, to triples Y, Cb, Cr. `above`: the triples of the row
    // above, or null. The hint is MED of the neighbours' triples (each component by itself), where there are
    // no neighbours above the pixel before: so what clamping hides becomes as predictable as it can. A pixel
    // that is not on the lattice gets nearest_triple. Returns how many of those there are.
    int row(const uint8_t* rgb, int width, const uint8_t* above, uint8_t* triples) const;

    // The rounded forward matrix; for pixels of the lattice
    // without a 0 or 255 off by one at most (JPEG: by none).
    Triple nearest_triple(const uint8_t* rgb) const;

  private:
    // Indices of a table.
    struct Interval {
        int low, high;
    };

    int luma(const uint8_t* rgb) const;
    // What chroma adds to red, green and blue, in units of the tables.
    std::array<int, 3> added(int cb, int cr) const;
    Interval interval(const LatticeTables::Table& table, float inverse_step, int value, int y) const;
    bool find_inside(const uint8_t* rgb, Triple* found) const;
    bool find_clamped(const uint8_t* rgb, const Triple& hint, Triple* found) const;
    bool nearest_chroma(int green, int y, const Interval& cb, const Interval& cr, const Triple& hint,
                        Triple* found) const;

    const LatticeTables& tables_;
    // The forward matrix: of sums of samples in 2^-16, with 2^-16 in the quotients too.
    int luma_reach_;  // how far luma() may be from Y
    int64_t luma_bias_, per_luma_, per_red_, per_blue_;
    int grey_cb_, grey_cr_;
    float inverse_luma_, inverse_red_, inverse_blue_;  // steps for one unit of the tables
    int green_step_cb_, green_step_cr_;                // what one step takes from green at most
};

}  // namespace residua::codec
