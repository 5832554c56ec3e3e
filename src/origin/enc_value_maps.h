// Which values occur in each plane, and what to make of it.
#pragma once

#include <bitset>
#include <vector>

#include "base/session.h"
#include "planes/enc_forward_planes.h"

namespace residua::codec {

// Sets transform.maps by what they may save (or as options.ranks says), and puts ranks into the planes
// where they do.
void choose_maps(Picture& planes, const PlaneOptions& options, PlaneTransform& transform, Session& session);

// A set of values as PlaneTransform::parse reads it: runs or, where that is shorter, bits.
std::vector<uint8_t> serialised_set(const std::bitset<256>& occurs);

}  // namespace residua::codec
