// What a plane's experts know while they work, as plain data:
// the kernels of every instruction set read and write it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "olm/wavefront.h"

namespace residua::olm {

constexpr int kStateInputs = 40;                // what parameters.h allows: kMaxInputs,
constexpr int kStateExperts = 8;                // kMaxExperts
constexpr int kStateSolvers = 6;                // and kMaxLeastSquares
constexpr int kStateValues = kStateInputs + 1;  // of a sample: the inputs, then the target
constexpr int kPending = 4;
constexpr int kSolveRows = 4;
constexpr int kMaxHeadInputs = 96;
constexpr int kContexts = 64 * 7;

// Entries of the lower triangle of a symmetric matrix of n rows.
constexpr int triangle(int n) { return n * (n + 1) / 2; }

// What Solve works in, for n inputs.
constexpr int solve_entries(int n) { return triangle(n + 1) + n + kSolveRows * n; }

// One expert's sums: triangle(n) products of inputs, row by
// row, then n products with the target; each of sixteen lanes.
struct SolverState {
    int inputs;
    float along, down, ridge;
    float grain;  // factor of the diagonal: a little more than 1 where sums are too large for their floats
    float* base;  // what the block begins with: above + along · row
    float* row;   // the row's blocks before
    float* above[2];  // the rows above, of the block and of the one before it: [blocks % 2] is the former
    int blocks;       // so far
    float* carry;     // ring of single floats: what lane 15 leaves for lane 0, `carry_slots` blocks later
};

// What the head is told of how the picture was made.
struct Traces {
    float lattice = 0;    // as an input of the head: planes are Y, Cb and Cr
    bool blocks = false;  // of JPEG: there are edges at multiples of eight
};

struct PlaneState {
    Wavefront wave;
    int plane;  // its kind, 0 … 2: how many planes it sees
    Traces traces;
    // Of the plane's values, in units of the experts. What is known of 8 bits: 255 and 128.
    float maximum, unknown;
    float levels;       // values in a unit
    float to_byte;      // 255 / maximum
    float least_scale;  // 0.12 values
    int octave;         // a local scale of 2^(octave + 1) and more is halved for the head until it is below
    int solve_every;
    int batch;  // samples that join the sums together, 1 … kPending; divides solve_every

    // Arrays by Wavefront::offset. Samples 0 … maximum; errors are symbol − corrected expert.
    float* samples;
    float* errors;
    // |symbol − expert|, of the latest steps only: by Wavefront::offset of t − misses_from.
    float* misses[kStateExperts];
    int misses_from;
    const float* earlier[2];         // samples of the planes that it sees: the one before first
    const float* earlier_errors[2];  // likewise

    int inputs;
    ptrdiff_t input_offset[kStateInputs];  // from a lane's own place
    int8_t input_plane[kStateInputs];
    float prior[kStateInputs];

    int solvers;
    SolverState solver[kStateSolvers];
    int carry_slots;
    int carry_position;
    float* block;  // sums of the block so far, for the largest expert

    // Bit l: lane l has a pixel at this step, or at a later one before the experts solve again. What the others' experts
    // say is never used, and need not be computed.
    uint32_t busy;

    // Of the step:
    bool active[kLanes];
    alignas(64) float mask[kLanes];                           // 1, or 0 for lanes without a pixel
    alignas(64) float value[kPending][kStateValues][kLanes];  // of the latest samples: inputs, target
    alignas(64) float share[kPending][kLanes];                // theirs in the least squares
    alignas(64) float weights[kStateSolvers][kStateInputs][kLanes];
    alignas(64) float expert[kStateExperts][kLanes];
    alignas(64) float mean[kLanes];    // of four neighbours
    alignas(64) float centre[kLanes];  // the corrected expert
    alignas(64) float scale[kLanes];   // of its errors
    alignas(64) float halved[kLanes];  // what the halvings for the head leave of a unit
    int context[kLanes];
    // The same as whole numbers: 1/64 sample, 1/64 sample, 1/32 octave (of log2_line).
    alignas(64) int32_t whole_centre[kLanes];
    alignas(64) int32_t whole_scale[kLanes];
    alignas(64) int32_t log_scale[kLanes];

    // Of the plane so far, the latest thousands of samples: |error| / scale, log2_line of the scale, and the
    // share of errors below a half.
    float habit[3];

    float bias_sum[kContexts];
    float bias_count[kContexts];

    // For the head, [lane][head_inputs]: bytes, value + 128.
    int head_inputs;
    uint8_t* head_input;

    float* scratch;  // solve_entries of the largest expert
};

}  // namespace residua::olm
