// The memory of one tile while it is coded: its planes so far, and the experts of those being coded.
#pragma once

#include <array>

#include "base/memory.h"
#include "olm/kernels.h"
#include "olm/parameters.h"

namespace residua::olm {

// How planes 1 and 2 of a tile lie on its plane 0 if they are smaller: chroma on luma. Chroma sample (y, x)
// covers the step_y × step_x samples of luma from (step_y · y − offset_y, step_x · x − offset_x) on; where
// these are outside the tile, the nearest ones stand for them.
struct ChromaShape {
    int width = 0, height = 0;  // 0: no smaller than plane 0
    int step_x = 1, step_y = 1, offset_x = 0, offset_y = 0;
};

// What a plane holds, and which planes it sees while it is coded.
struct PlaneShape {
    int levels = 256;  // its values are 0 … levels − 1; 2 … 65536
    int exponent = 0;  // the experts count in units of 2^exponent values
    int seen = 0;      // planes, coded before; 0 … 2
    std::array<int, 2> sees = {};
    bool guesses = false;           // of wide planes: whether decisions come before their symbols, and
    std::array<int, 2> apart = {};  // how far its ranks are from those that it sees where both are alike

    bool wide() const { return levels > 256; }  // coded by entropy::WideCoder
};

// Samples and errors of all planes of a tile.
class TileArrays {
  public:
    // width, height ≥ 1; planes 1 … kMostPlanes. Throws kMemoryLimit.
    TileArrays(int width, int height, int planes, Allocator& allocator);

    const Wavefront& wave() const { return wave_; }
    // By Wavefront::offset.
    float* samples(int plane) { return array(2 * plane); }
    float* errors(int plane) { return array(2 * plane + 1); }
    const float* samples(int plane) const { return const_cast<TileArrays*>(this)->samples(plane); }
    const float* errors(int plane) const { return const_cast<TileArrays*>(this)->errors(plane); }

    // Nothing of the plane is known yet. Its samples are in units of 2^exponent.
    void begin(int plane, float unknown, int exponent);
    // A plane in other units, by a power of two, so that nothing is lost.
    void count_in_units(int plane, int exponent);
    // After the last step: the rows below the plane repeat its last one.
    void end(int plane);

  private:
    float* array(int i) { return arrays_.data() + static_cast<size_t>(i) * wave_.floats(); }

    const Wavefront wave_;
    Buffer<float> arrays_;
    std::array<int, kMostPlanes> exponents_{};
};

// The experts of one plane.
class TileState {
  public:
    // They know nothing yet. The planes that it sees are in `arrays`, as far as they have been coded: complete, or
    // Wavefront::steps_before of them before each step; of all but those with the same exponent complete. Parameters
    // and arrays must outlive it. Throws kMemoryLimit.
    TileState(const Parameters& parameters, TileArrays& arrays, int plane, const PlaneShape& shape,
              const Traces& traces, Allocator& allocator);

    const Wavefront& wave() const { return state_.wave; }
    PlaneState& state() { return state_; }
    const PlaneState& state() const { return state_; }

    // Before step t: sets active and mask, and in `symbols` what the places of lanes without a pixel are to
    // hold. Steps come in order from 0. Returns the number of active lanes.
    int begin_step(int t, float* symbols);
    // Row of a lane, its column at step t: only of active lanes.
    int row(int lane) const { return rows_[static_cast<size_t>(lane)]; }
    int column(int lane) const { return columns_[static_cast<size_t>(lane)]; }
    bool active(int lane) const { return state_.active[lane]; }

    // Plane 0 of chroma's arrays, of 8 bits, is not coded: its samples and errors are means of those of plane 0 of
    // luma's, which is complete.
    static void take_luma(const Parameters& parameters, const TileArrays& luma, const ChromaShape& shape,
                          TileArrays& chroma, Allocator& allocator);

  private:
    void begin_solvers(const PlaneParameters& plane);
    void forget_misses(int t);

    Buffer<float> misses_;
    Buffer<float> solvers_;  // what SolverState points to, the block and the scratch
    Buffer<uint8_t> head_input_;
    PlaneState state_ = {};
    std::array<int, kLanes> rows_{}, columns_{};
};

}  // namespace residua::olm
