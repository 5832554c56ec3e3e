// What planes may cost, for choosing between ways to make them: an ideal adaptive coder behind the simplest
// predictor that has a gradient in it. Absolute numbers are high; differences are what it is for.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "base/session.h"
#include "image/picture_memory.h"

namespace residua::codec {

constexpr int kMostPlanes = 3;

struct PlaneCosts {
    std::array<double, kMostPlanes> bits{};  // of the whole picture, by plane
    double total() const { return bits[0] + bits[1] + bits[2]; }
};

// Writes row y, [x][plane] in coding order.
using PlaneRows = std::function<void(int y, uint8_t* row)>;

// Only bands of rows spread over the picture are looked at (some 2^17 pixels); the rest is taken to cost the same.
// planes: 1 … 3. begin(): who makes the rows of some bands, from top to bottom; called by several threads.
//
// The predictor is MED, plus, if that is better for the plane as a whole, the error that MED made at the same
// pixel of an earlier plane. The errors' entropies are taken by context (the gradients around), with half the
// logarithm of their number for each count that a coder would have to learn.
PlaneCosts estimate_plane_costs(const std::function<PlaneRows()>& begin, int width, int height, int planes,
                                Session& session);
// Of planes that are in memory.
PlaneCosts estimate_plane_costs(const Picture& planes, Session& session);

}  // namespace residua::codec
