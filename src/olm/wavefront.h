// The order in which the samples of a plane are coded. Sixteen lanes work on sixteen rows at once: lane l is
// at row 16·g + l, and each is kLag pixels behind the lane of the row above. A step t takes every lane one
// pixel on; when a lane has done its row it goes on with the one sixteen below.
//
// Arrays of samples are laid out by steps, so that the neighbour (y + dy, x + dx) of all lanes' pixels is one
// run of sixteen numbers: slot t + kLag·dy + dx, shifted by dy lanes. Each slot has three lanes more before
// the first and two after the last, which are copies of the rows there in the groups before and after.
#pragma once

#include <cstddef>

namespace residua::olm {

constexpr int kLanes = 16;       // arrays of all lanes have that many
constexpr int kLag = 16;         // pixels
constexpr int kBlock = 8;        // pixels that share a base of the least-squares statistics
constexpr int kPadding = 4;      // pixels at both ends of a row that repeat others
constexpr int kLanesBefore = 3;  // rows above that are looked at
constexpr int kLanesAfter = 2;   // rows below, of earlier planes
constexpr int kSlot = 24;        // floats in a slot: 3 + 16 + 2, and 3 unused
constexpr int kMargin = 64;      // slots before the first and after the last

struct Wavefront {
    int width = 0;
    int height = 0;
    int groups = 0;  // of 16 rows
    int period = 0;  // steps from a row of a lane to the next
    int steps = 0;

    Wavefront() = default;
    Wavefront(int width_, int height_) : width(width_), height(height_) {
        groups = (height + 15) / 16;
        period = (width + 2 * kPadding + kBlock - 1) / kBlock * kBlock;
        if (period < 16 * kLag) period = 16 * kLag;
        // The last lane's last pixel; one lane's delay is more than what a row's end needs.
        steps = groups * period + 15 * kLag;
    }

    // Where the first lane of the first group would have pixel x of row y; for lanes beyond its group, rows
    // are those of the next.
    int step(int y, int x) const { return (y / 16) * period + (y % 16) * kLag + x + kPadding; }
    uint64_t floats() const { return static_cast<uint64_t>(steps + 2 * kMargin) * kSlot; }
    // Of arrays that begin kMargin slots before step 0: lane 0 of a slot.
    static ptrdiff_t offset(int t) { return static_cast<ptrdiff_t>(t + kMargin) * kSlot + kLanesBefore; }
    // From a lane's own place to its neighbour's.
    static constexpr ptrdiff_t neighbour(int dy, int dx) {
        return static_cast<ptrdiff_t>(kLag * dy + dx) * kSlot + dy;
    }
    // Of arrays that keep only what is still needed: kMargin steps back, a period ahead for the copies, and
    // space to go on before all of that moves to the array's start (TileState::begin_step).
    int recent_steps() const { return 3 * period; }
    uint64_t recent_floats() const { return static_cast<uint64_t>(recent_steps() + 2 * kMargin) * kSlot; }
    // How many steps of a plane must be done before another one that sees it does step t; steps + 1: the plane must
    // have ended. Places are looked at up to kLanesAfter rows below and kPadding pixels ahead; those below lane 15 are
    // copies of the next group's first lanes.
    int steps_before(int t) const {
        const int slot = t + kLag * kLanesAfter + kPadding;
        if (slot >= first_slot_below()) return steps + 1;
        const int done = slot + period - kLanes * kLag + 1;
        return done < steps ? done : steps;
    }
    // The first slot that gets samples of rows below the plane at its end (TileArrays::end).
    int first_slot_below() const {
        int first = steps + kMargin;
        for (int y = height; y < height + kLanesAfter; ++y) {
            const int own = step(y, -kPadding), copy = own - period + kLanes * kLag;
            if (y / 16 < groups && own < first) first = own;
            if (y >= 16 && y % 16 < kLanesAfter && copy < first) first = copy;
        }
        return first;
    }
    // From where lanes 13…15 are to their copies before the next group's first lane; lanes 0 and 1 have
    // theirs as far back, behind the last lane.
    ptrdiff_t copy_shift() const { return static_cast<ptrdiff_t>(period - 16 * kLag) * kSlot - 16; }
};

// Both are static: each instruction set's kernels have their own.
//
// Copies the last lanes of an array's slot to where they are the rows above the next group's. from: the step
// that the array begins with.
static inline void copy_last_lanes(const Wavefront& wave, float* array, int t, int from) {
    if (t + wave.period - kLanes * kLag >= wave.steps) return;
    float* slot = array + Wavefront::offset(t - from);
    for (int l = kLanes - kLanesBefore; l < kLanes; ++l) slot[wave.copy_shift() + l] = slot[l];
}

// And the first ones to where they are the rows below the group before.
static inline void copy_first_lanes(const Wavefront& wave, float* array, int t) {
    if (t < wave.period) return;
    float* slot = array + Wavefront::offset(t);
    for (int l = 0; l < kLanesAfter; ++l) slot[l - wave.copy_shift()] = slot[l];
}

}  // namespace residua::olm
