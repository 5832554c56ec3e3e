#include "olm/tile_state.h"

#include <algorithm>

namespace residua::olm {

namespace {

static_assert(kStateInputs == kMaxInputs && kStateExperts == kMaxExperts &&
              kStateSolvers == kMaxLeastSquares);

constexpr float kUnknownMiss = 2;
constexpr int kWideOctave = 3, kNoOctave = 127;     // of PlaneState::octave
constexpr float kWideGrain = 1 + 1.0F / (1 << 18);  // of SolverState::grain

size_t sums(int inputs) { return static_cast<size_t>(triangle(inputs) + inputs); }

size_t scratch_floats(int inputs) { return static_cast<size_t>(solve_entries(inputs)) * kLanes; }

int carry_slots(const Wavefront& wave) { return wave.period / kBlock - 16 * kLag / kBlock; }

size_t solver_floats(const PlaneParameters& plane, const Wavefront& wave) {
    const int inputs = static_cast<int>(plane.inputs.size());
    size_t floats = sums(inputs) * kLanes + scratch_floats(inputs);
    for (const LeastSquares& expert : plane.experts)
        floats += sums(expert.inputs) * (4 * kLanes + (static_cast<size_t>(carry_slots(wave)) + 1));
    return floats + 16 * 8 * plane.experts.size();  // each array begins at a multiple of 64 bytes
}

size_t most_solver_floats(const Parameters& parameters, const Wavefront& wave, int planes) {
    size_t floats = 0;
    for (int p = 0; p < std::min(planes, kPlanes); ++p)
        floats = std::max(floats, solver_floats(parameters.planes[static_cast<size_t>(p)], wave));
    return floats;
}

size_t most_experts(const Parameters& parameters, int planes) {
    size_t experts = 0;
    for (int p = 0; p < std::min(planes, kPlanes); ++p)
        experts = std::max(experts, parameters.planes[static_cast<size_t>(p)].experts.size());
    return experts + 2;
}

uint64_t array_floats(const Parameters& parameters, const Wavefront& wave, int planes) {
    return product(2, planes, wave.floats()) +
           product(most_experts(parameters, planes), wave.recent_floats());
}

}  // namespace

TileState::TileState(const Parameters& parameters, int width, int height, int planes, const Traces& traces,
                     Allocator& allocator)
    : parameters_(parameters),
      wave_(width, height),
      planes_(planes),
      arrays_(allocator, array_floats(parameters, wave_, planes)),
      solvers_(allocator, most_solver_floats(parameters, wave_, planes)),
      head_input_(allocator, size_t{kMaxHeadInputs} * kLanes) {
    state_.wave = wave_;
    state_.traces = traces;
    state_.solve_every = parameters.solve_every;
    state_.batch = std::min(parameters.solve_every, kPending);
    state_.head_input = head_input_.data();
}

void TileState::begin_plane(int plane, const PlaneShape& shape) {
    PlaneState& s = state_;
    const PlaneParameters& of = parameters_.planes[static_cast<size_t>(shape.seen)];
    s.plane = shape.seen;
    s.levels = static_cast<float>(1 << shape.exponent);
    s.maximum = static_cast<float>(shape.levels - 1) / s.levels;
    const int middle = shape.levels / 2;
    s.unknown = static_cast<float>(middle) / s.levels;
    s.to_byte = 255.0F / s.maximum;
    s.least_scale = 0.12F / s.levels;
    s.octave = shape.wide() ? kWideOctave : kNoOctave;
    s.samples = plane_array(static_cast<size_t>(2 * plane));
    s.errors = plane_array(static_cast<size_t>(2 * plane + 1));
    std::fill_n(s.samples, wave_.floats(), s.unknown);
    std::fill_n(s.errors, wave_.floats(), 0.0F);
    exponents_[static_cast<size_t>(plane)] = shape.exponent;
    for (int i = 0; i < 2; ++i) {
        const auto other = static_cast<size_t>(shape.sees[static_cast<size_t>(i)]);
        if (i < shape.seen) count_in_units(other, shape.exponent);
        s.earlier[i] = i < shape.seen ? plane_array(2 * other) : nullptr;
        s.earlier_errors[i] = i < shape.seen ? plane_array(2 * other + 1) : nullptr;
    }
    s.inputs = static_cast<int>(of.inputs.size());
    for (size_t i = 0; i < of.inputs.size(); ++i) {
        s.input_plane[i] = of.inputs[i].plane;
        s.input_offset[i] = Wavefront::neighbour(of.inputs[i].dy, of.inputs[i].dx);
        s.prior[i] = of.prior[i];
    }
    begin_solvers(of);
    for (size_t e = 0; e < of.experts.size() + 2; ++e) {
        s.misses[e] = plane_array(static_cast<size_t>(2 * planes_)) + e * wave_.recent_floats();
        std::fill_n(s.misses[e], wave_.recent_floats(), kUnknownMiss);
    }
    s.misses_from = 0;
    s.habit[0] = 1;
    s.habit[1] = 1;
    s.habit[2] = 0.25F;
    std::fill_n(s.bias_sum, kContexts, 0.0F);
    std::fill_n(s.bias_count, kContexts, 0.0F);
    s.head_inputs = head_inputs(s.plane, s.solvers);
}

// A plane before, in the units of the one that sees it: by a power of two, so that nothing is lost.
void TileState::count_in_units(size_t plane, int exponent) {
    const int doublings = exponents_[plane] - exponent;
    if (doublings == 0) return;
    const float factor =
        doublings > 0 ? static_cast<float>(1 << doublings) : 1.0F / static_cast<float>(1 << -doublings);
    float* values = plane_array(2 * plane);  // and its errors behind them
    for (size_t i = 0; i < 2 * wave_.floats(); ++i) values[i] *= factor;
    exponents_[plane] = exponent;
}

void TileState::begin_solvers(const PlaneParameters& plane) {
    PlaneState& s = state_;
    std::fill_n(solvers_.data(), solver_floats(plane, wave_), 0.0F);
    float* next = solvers_.data();
    const auto take = [&](size_t floats) {
        float* array = next;
        next += (floats + 15) / 16 * 16;
        return array;
    };
    s.block = take(sums(s.inputs) * kLanes);
    s.scratch = take(scratch_floats(s.inputs));
    s.carry_slots = carry_slots(wave_);
    s.carry_position = 0;
    s.solvers = static_cast<int>(plane.experts.size());
    for (size_t e = 0; e < plane.experts.size(); ++e) {
        const LeastSquares& expert = plane.experts[e];
        const size_t floats = sums(expert.inputs);
        SolverState& solver = s.solver[e];
        solver = {expert.inputs,
                  expert.along,
                  expert.down,
                  expert.ridge,
                  s.octave == kNoOctave ? 1.0F : kWideGrain,
                  {},
                  {},
                  {},
                  0,
                  {}};
        for (float** array : {&solver.base, &solver.row, &solver.above[0], &solver.above[1]})
            *array = take(floats * kLanes);
        solver.carry = take(floats * static_cast<size_t>(s.carry_slots + 1));
    }
}

// What the next steps need moves to the start of the arrays that hold no more.
void TileState::forget_misses(int t) {
    PlaneState& s = state_;
    const size_t kept = static_cast<size_t>(wave_.period + kMargin) * kSlot;
    const ptrdiff_t from = static_cast<ptrdiff_t>(t - s.misses_from) * kSlot;
    for (int e = 0; e < s.solvers + 2; ++e) {
        float* array = s.misses[e];
        std::copy_n(array + from, kept, array);
        std::fill(array + kept, array + wave_.recent_floats(), kUnknownMiss);
    }
    s.misses_from = t;
}

int TileState::begin_step(int t, float* symbols) {
    PlaneState& s = state_;
    if (t - s.misses_from + wave_.period >= wave_.recent_steps()) forget_misses(t);
    int count = 0;
    for (int lane = 0; lane < kLanes; ++lane) {
        const auto i = static_cast<size_t>(lane);
        if (t == 0) {
            rows_[i] = lane;
            columns_[i] = -kPadding - kLag * lane;
        } else if (++columns_[i] == wave_.period - kPadding) {
            rows_[i] += 16;
            columns_[i] = -kPadding;
        }
        const int x = columns_[i], y = rows_[i];
        const bool in_row = x >= -kPadding && y < wave_.height;
        s.active[lane] = in_row && x >= 0 && x < wave_.width;
        s.mask[lane] = s.active[lane] ? 1.0F : 0.0F;
        count += s.active[lane];
        if (s.active[lane]) continue;
        // Before its row a place holds the pixel above the row's first, after it the row's last.
        symbols[lane] = s.unknown;
        const float* place = s.samples + Wavefront::offset(t) + lane;
        if (in_row && x >= -kPadding && x < 0) symbols[lane] = place[Wavefront::neighbour(-1, -x)];
        if (in_row && x >= wave_.width && x < wave_.width + kPadding)
            symbols[lane] = place[Wavefront::neighbour(0, wave_.width - 1 - x)];
    }
    return count;
}

void TileState::end_plane() {
    PlaneState& s = state_;
    const int last = wave_.height - 1;
    const auto at = [](int t, int lane) { return Wavefront::offset(t) + lane; };
    for (int x = -kPadding; x < wave_.width + kPadding; ++x) {
        const float sample = s.samples[at(wave_.step(last, x), last % 16)];
        for (int below = 1; below <= kLanesAfter; ++below) {
            const int y = last + below;
            // As a lane of its own group, and behind the last lane of the group before.
            if (y / 16 < wave_.groups) s.samples[at(wave_.step(y, x), y % 16)] = sample;
            if (y >= 16 && y % 16 < kLanesAfter)
                s.samples[at(wave_.step(y, x) - wave_.period + 16 * kLag, 16 + y % 16)] = sample;
        }
    }
}

void TileState::take_luma(const TileState& luma, const ChromaShape& chroma) {
    const Wavefront& wave = luma.wave_;
    const float *samples = luma.arrays_.data(), *errors = samples + wave.floats();
    begin_plane(0, {});
    alignas(64) float means[kLanes];
    for (int t = 0; t < wave_.steps; ++t) {
        begin_step(t, means);
        const ptrdiff_t slot = Wavefront::offset(t);
        for (int lane = 0; lane < kLanes; ++lane) {
            float sample = 0, error = 0;
            for (int dy = 0; active(lane) && dy < chroma.step_y; ++dy) {
                for (int dx = 0; dx < chroma.step_x; ++dx) {
                    const int y =
                        std::clamp(chroma.step_y * row(lane) - chroma.offset_y + dy, 0, wave.height - 1);
                    const int x =
                        std::clamp(chroma.step_x * column(lane) - chroma.offset_x + dx, 0, wave.width - 1);
                    const ptrdiff_t place = Wavefront::offset(wave.step(y, x)) + y % kLanes;
                    sample = sample + samples[place];
                    error = error + errors[place];
                }
            }
            const int count = chroma.step_y * chroma.step_x;
            const int mean = (static_cast<int>(sample) + count / 2) / count;
            if (active(lane)) means[lane] = static_cast<float>(mean);
            state_.samples[slot + lane] = means[lane];
            state_.errors[slot + lane] = error / static_cast<float>(count);
        }
        for (float* array : {state_.samples, state_.errors}) {
            copy_last_lanes(wave_, array, t, 0);
            copy_first_lanes(wave_, array, t);
        }
    }
    end_plane();
}

}  // namespace residua::olm
