// From RGB to the triples of the JPEG lattice: which Y, Cb, Cr a pixel came from.
#pragma once

#include <array>
#include <cstdint>

#include "codec/jpeg_lattice.h"

namespace residua::codec {

struct Triple {
    int y, cb, cr;  // 0 … 255 each

    friend bool operator==(const Triple&, const Triple&) = default;
};

// Constant after construction: for several threads at once.
class LatticeInverse {
  public:
    LatticeInverse();

    // Finds a triple whose image is `rgb`; false if there is none. A pixel without a 0 or 255 has at most
    // one. Of the many that clamping lets others have, the one nearest to `hint` (in |ΔY| + |ΔCb| + |ΔCr|; of
    // several, the first in the order of |ΔY|, smaller Y first, then the one that moves Cr rather than Cb).
    bool find(const uint8_t* rgb, const Triple& hint, Triple* found) const;

    // One row of `width` pixels, three bytes each, to triples Y, Cb, Cr. `above`: the triples of the row
    // above, or null. The hint is MED of the neighbours' triples (each component by itself), where there are
    // no neighbours above the pixel before: so what clamping hides becomes as predictable as it can. A pixel
    // that is not on the lattice gets nearest_triple. Returns how many of those there are.
    int row(const uint8_t* rgb, int width, const uint8_t* above, uint8_t* triples) const;

  private:
    // Of one chroma component, by v − Y + 255 for a sample value v: the lowest that adds at least v − Y
    // (256: none) and the highest that adds no more (−1: none).
    struct Bounds {
        std::array<int16_t, 511> lowest, highest;
    };
    struct Interval {
        int low, high;
    };

    static Bounds make_bounds(const std::array<int16_t, 256>& added);
    static Interval interval(const Bounds& bounds, int value, int y);
    bool find_inside(const uint8_t* rgb, Triple* found) const;
    bool find_clamped(const uint8_t* rgb, const Triple& hint, Triple* found) const;
    bool nearest_chroma(int green, int y, const Interval& cb, const Interval& cr, const Triple& hint,
                        Triple* found) const;

    const LatticeTables& tables_;
    Bounds red_, blue_;
    int green_step_cb_, green_step_cr_;  // what one step of Cb or Cr takes from green, in units of 2^-20
};

// The rounded forward matrix; exact for pixels of the lattice without a 0 or 255.
Triple nearest_triple(const uint8_t* rgb);

}  // namespace residua::codec
