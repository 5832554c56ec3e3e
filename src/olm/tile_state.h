// The memory of one tile while it is coded: its planes so far, and the experts of the one being coded.
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

class TileState {
  public:
    // width, height ≥ 1; planes 1 … kMostPlanes. parameters must outlive it. Throws kMemoryLimit.
    TileState(const Parameters& parameters, int width, int height, int planes, const Traces& traces,
              Allocator& allocator);

    const Wavefront& wave() const { return wave_; }
    // Nothing is known of the plane yet, and all of those that it sees.
    void begin_plane(int plane, const PlaneShape& shape);
    PlaneState& state() { return state_; }
    const PlaneState& state() const { return state_; }

    // Before step t: sets active and mask, and in `symbols` what the places of lanes without a pixel are to
    // hold. Steps come in order from 0. Returns the number of active lanes.
    int begin_step(int t, float* symbols);
    // Row of a lane, its column at step t: only of active lanes.
    int row(int lane) const { return rows_[static_cast<size_t>(lane)]; }
    int column(int lane) const { return columns_[static_cast<size_t>(lane)]; }
    bool active(int lane) const { return state_.active[lane]; }
    // After the last step: the rows below the plane repeat its last one.
    void end_plane();

    // Plane 0, of 8 bits, is not coded: its samples and errors are means of those of `luma`, whose plane 0 is complete.
    void take_luma(const TileState& luma, const ChromaShape& chroma);

  private:
    float* plane_array(size_t i) { return arrays_.data() + i * wave_.floats(); }
    void count_in_units(size_t plane, int exponent);
    void begin_solvers(const PlaneParameters& plane);
    void forget_misses(int t);

    const Parameters& parameters_;
    const Wavefront wave_;
    const int planes_;
    Buffer<float> arrays_;   // samples and errors of each plane, then the experts' misses
    Buffer<float> solvers_;  // what SolverState points to, the block and the scratch
    Buffer<uint8_t> head_input_;
    PlaneState state_ = {};
    std::array<int, kMostPlanes> exponents_{};  // the units of each plane's samples and errors
    std::array<int, kLanes> rows_{}, columns_{};
};

}  // namespace residua::olm
