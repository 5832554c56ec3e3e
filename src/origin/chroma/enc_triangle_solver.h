// Which samples a triangle filter (chroma_upsampling.h) made a plane from: an integer problem with some four
// inequalities for each unknown,
//   2^shift · lowest ≤ Σ weight · sample + rounding < 2^shift · (highest + 1)
// where a pixel is known to be lowest … highest: nearly always a single value.
// The least-squares solution, which is separable and costs next to nothing, is right in nine of ten samples;
// the rest is found by a descent over integers, and a short walk uphill from what remains.
#pragma once

#include <cstdint>

#include "base/memory.h"
#include "base/thread_pool.h"
#include "image/picture.h"
#include "origin/chroma/enc_triangle_search.h"
#include "planes/chroma_upsampling.h"

namespace residua::codec {

// Channel `channel` of `pixels` (three channels, of which this takes 1 and 2) is what the filter made, or a
// guess of it; bounds: channels 2 · channel − 2 and 2 · channel − 1 of four are the lowest and highest values
// that it may have had. Channel `channel` − 1 of `samples` (grid.width × grid.height, two channels) gets what
// it was made from. The result is the same for any number of threads.
void solve_triangle(const ChromaGrid& grid, const PictureView& pixels, const PictureView& bounds, int channel,
                    const MutablePictureView& samples, SolverEffort effort, Allocator& allocator,
                    ThreadPool& threads);

}  // namespace residua::codec
