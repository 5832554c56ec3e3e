// What is known of the chroma of a pixel. Without a 0 or 255
// among R, G, B: all. With one, clamping leaves a range.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "origin/enc_colour_lattice.h"

namespace residua::codec {

// The lowest and highest Cb, the lowest and highest Cr.
using ChromaBounds = std::array<uint8_t, 4>;
constexpr ChromaBounds kAnyChroma = {0, 255, 0, 255};

// Of a pixel R, G, B with a 0 or 255 in it. For several threads at once. A function of its argument alone, or
// files would depend on the order in which threads come to the pixels.
using ClampedChroma = std::function<ChromaBounds(const uint8_t* rgb)>;

// Bounds that hold for all triples of a lattice whose image is `rgb`. If there is none, any chroma.
ChromaBounds lattice_chroma_bounds(const LatticeTables& tables, const uint8_t* rgb);

}  // namespace residua::codec
