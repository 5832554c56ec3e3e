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

size_t all_experts(const PlaneParameters& plane) { return plane.experts.size() + 2; }

const PlaneParameters& parameters_of(const Parameters& parameters, const PlaneShape& shape) {
    return parameters.planes[static_cast<size_t>(shape.seen)];
}

}  // namespace

TileArrays::TileArrays(int width, int height, int planes, Allocator& allocator)
    : wave_(width, height), arrays_(allocator, product(2, planes, wave_.floats())) {}

void TileArrays::begin(int plane, float unknown, int exponent) {
    std::fill_n(samples(plane), wave_.floats(), unknown);
    std::fill_n(errors(plane), wave_.floats(), 0.0F);
    exponents_[static_cast<size_t>(plane)] = exponent;
}

void TileArrays::count_in_units(int plane, int exponent) {
    int& own = exponents_[static_cast<size_t>(plane)];
    const int doublings = own - exponent;
    if (doublings == 0) return;
    const float factor =
        doublings > 0 ? static_cast<float>(1 << doublings) : 1.0F / static_cast<float>(1 << -doublings);
    for (float* values : {samples(plane), errors(plane)})
        for (size_t i = 0; i < wave_.floats(); ++i) values[i] *= factor;
    own = exponent;
}

void TileArrays::end(int plane) {
    float* const of = samples(plane);
    const int last = wave_.height - 1;
    const auto at = [](int t, int lane) { return Wavefront::offset(t) + lane; };
    for (int x = -kPadding; x < wave_.width + kPadding; ++x) {
        const float sample = of[at(wave_.step(last, x), last % 16)];
        for (int below = 1; below <= kLanesAfter; ++below) {
            const int y = last + below;
            // As a lane of its own group, and behind the last lane of the group before.
            if (y / 16 < wave_.groups) of[at(wave_.step(y, x), y % 16)] = sample;
            if (y >= 16 && y % 16 < kLanesAfter)
                of[at(wave_.step(y, x) - wave_.period + 16 * kLag, 16 + y % 16)] = sample;
        }
    }
}

TileState::TileState(const Parameters& parameters, TileArrays& arrays, int plane, const PlaneShape& shape,
                     const Traces& traces, Allocator& allocator)
    : misses_(allocator,
              product(all_experts(parameters_of(parameters, shape)), arrays.wave().recent_floats())),
      solvers_(allocator, solver_floats(parameters_of(parameters, shape), arrays.wave())),
      head_input_(allocator, size_t{kMaxHeadInputs} * kLanes) {
    const PlaneParameters& of = parameters_of(parameters, shape);
    PlaneState& s = state_;
    s.wave = arrays.wave();
    s.traces = traces;
    s.solve_every = parameters.solve_every;
    s.batch = std::min(parameters.solve_every, kPending);
    s.head_input = head_input_.data();
    s.plane = shape.seen;
    s.levels = static_cast<float>(1 << shape.exponent);
    s.maximum = static_cast<float>(shape.levels - 1) / s.levels;
    const int middle = shape.levels / 2;
    s.unknown = static_cast<float>(middle) / s.levels;
    s.to_byte = 255.0F / s.maximum;
    s.least_scale = 0.12F / s.levels;
    s.octave = shape.wide() ? kWideOctave : kNoOctave;
    s.samples = arrays.samples(plane);
    s.errors = arrays.errors(plane);
    arrays.begin(plane, s.unknown, shape.exponent);
    for (int i = 0; i < 2; ++i) {
        const int other = shape.sees[static_cast<size_t>(i)];
        if (i < shape.seen) arrays.count_in_units(other, shape.exponent);
        s.earlier[i] = i < shape.seen ? arrays.samples(other) : nullptr;
        s.earlier_errors[i] = i < shape.seen ? arrays.errors(other) : nullptr;
    }
    s.inputs = static_cast<int>(of.inputs.size());
    for (size_t i = 0; i < of.inputs.size(); ++i) {
        s.input_plane[i] = of.inputs[i].plane;
        s.input_offset[i] = Wavefront::neighbour(of.inputs[i].dy, of.inputs[i].dx);
        s.prior[i] = of.prior[i];
    }
    begin_solvers(of);
    for (size_t e = 0; e < all_experts(of); ++e) {
        s.misses[e] = misses_.data() + e * s.wave.recent_floats();
        std::fill_n(s.misses[e], s.wave.recent_floats(), kUnknownMiss);
    }
    s.misses_from = 0;
    s.habit[0] = 1;
    s.habit[1] = 1;
    s.habit[2] = 0.25F;
    std::fill_n(s.bias_sum, kContexts, 0.0F);
    std::fill_n(s.bias_count, kContexts, 0.0F);
    s.head_inputs = head_inputs(s.plane, s.solvers);
}

void TileState::begin_solvers(const PlaneParameters& plane) {
    PlaneState& s = state_;
    std::fill_n(solvers_.data(), solver_floats(plane, state_.wave), 0.0F);
    float* next = solvers_.data();
    const auto take = [&](size_t floats) {
        float* array = next;
        next += (floats + 15) / 16 * 16;
        return array;
    };
    s.block = take(sums(s.inputs) * kLanes);
    s.scratch = take(scratch_floats(s.inputs));
    s.carry_slots = carry_slots(s.wave);
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
    const size_t kept = static_cast<size_t>(s.wave.period + kMargin) * kSlot;
    const ptrdiff_t from = static_cast<ptrdiff_t>(t - s.misses_from) * kSlot;
    for (int e = 0; e < s.solvers + 2; ++e) {
        float* array = s.misses[e];
        std::copy_n(array + from, kept, array);
        std::fill(array + kept, array + s.wave.recent_floats(), kUnknownMiss);
    }
    s.misses_from = t;
}

int TileState::begin_step(int t, float* symbols) {
    PlaneState& s = state_;
    if (t - s.misses_from + s.wave.period >= s.wave.recent_steps()) forget_misses(t);
    int count = 0;
    for (int lane = 0; lane < kLanes; ++lane) {
        const auto i = static_cast<size_t>(lane);
        if (t == 0) {
            rows_[i] = lane;
            columns_[i] = -kPadding - kLag * lane;
        } else if (++columns_[i] == s.wave.period - kPadding) {
            rows_[i] += 16;
            columns_[i] = -kPadding;
        }
        const int x = columns_[i], y = rows_[i];
        const bool in_row = x >= -kPadding && y < s.wave.height;
        s.active[lane] = in_row && x >= 0 && x < s.wave.width;
        s.mask[lane] = s.active[lane] ? 1.0F : 0.0F;
        count += s.active[lane];
        if (t % s.solve_every == 0) {  // rows end where that is so
            const bool will_be = y < s.wave.height && x + s.solve_every > 0 && x < s.wave.width;
            s.busy = (s.busy & ~(1U << lane)) | uint32_t{will_be} << lane;
        }
        if (s.active[lane]) continue;
        // Before its row a place holds the pixel above the row's first, after it the row's last.
        symbols[lane] = s.unknown;
        const float* place = s.samples + Wavefront::offset(t) + lane;
        if (in_row && x >= -kPadding && x < 0) symbols[lane] = place[Wavefront::neighbour(-1, -x)];
        if (in_row && x >= s.wave.width && x < s.wave.width + kPadding)
            symbols[lane] = place[Wavefront::neighbour(0, s.wave.width - 1 - x)];
    }
    return count;
}

void TileState::take_luma(const Parameters& parameters, const TileArrays& luma, const ChromaShape& shape,
                          TileArrays& chroma, Allocator& allocator) {
    const Wavefront& wave = luma.wave();
    const float *samples = luma.samples(0), *errors = luma.errors(0);
    TileState tile(parameters, chroma, 0, {}, {}, allocator);
    PlaneState& s = tile.state_;
    alignas(64) float means[kLanes];
    for (int t = 0; t < s.wave.steps; ++t) {
        tile.begin_step(t, means);
        const ptrdiff_t slot = Wavefront::offset(t);
        for (int lane = 0; lane < kLanes; ++lane) {
            float sample = 0, error = 0;
            for (int dy = 0; tile.active(lane) && dy < shape.step_y; ++dy) {
                for (int dx = 0; dx < shape.step_x; ++dx) {
                    const int y =
                        std::clamp(shape.step_y * tile.row(lane) - shape.offset_y + dy, 0, wave.height - 1);
                    const int x =
                        std::clamp(shape.step_x * tile.column(lane) - shape.offset_x + dx, 0, wave.width - 1);
                    const ptrdiff_t place = Wavefront::offset(wave.step(y, x)) + y % kLanes;
                    sample = sample + samples[place];
                    error = error + errors[place];
                }
            }
            const int count = shape.step_y * shape.step_x;
            const int mean = (static_cast<int>(sample) + count / 2) / count;
            if (tile.active(lane)) means[lane] = static_cast<float>(mean);
            s.samples[slot + lane] = means[lane];
            s.errors[slot + lane] = error / static_cast<float>(count);
        }
        for (float* array : {s.samples, s.errors}) {
            copy_last_lanes(s.wave, array, t, 0);
            copy_first_lanes(s.wave, array, t);
        }
    }
    chroma.end(0);
}

}  // namespace residua::olm
