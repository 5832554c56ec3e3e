// The experts of one plane for one step of the wavefront, and what the head is told about them, written once
// for every instruction set. Not a general header: only kernels_<isa>.cc include it, and it uses nothing of
// the standard library, whose inline functions would be compiled for the wrong processor.
#pragma once

#include "olm/solver_lanes.h"

namespace residua::olm::RESIDUA_SIMD {

namespace {

// Lanes first … first + kNative − 1 of step t.
class Predictor {
  public:
    Predictor(PlaneState& state, int t, int first)
        : s_(state),
          t_(t),
          first_(first),
          pending_(t % state.batch),
          at_(Wavefront::offset(t) + first),
          recent_(Wavefront::offset(t - state.misses_from) + first) {}

    // All experts' predictions, and the head's inputs.
    void predict() {
        read_inputs();
        if (t_ % s_.solve_every == 0)
            for (int e = 0; e < s_.solvers; ++e)
                Solve(s_.solver[e], s_.solver[e].base + first_, s_.block + first_, s_.inputs, s_.prior,
                      s_.scratch + first_)
                    .run(s_.weights[e][0] + first_);
        for (int e = 0; e < s_.solvers; ++e) {
            F sum = F::load(s_.mean + first_);
            for (int i = 0; i < s_.solver[e].inputs; ++i)
                sum = sum + F::load(s_.weights[e][i] + first_) * F::load(s_.value[pending_][i] + first_);
            clamp(sum, 0, s_.maximum).store(s_.expert[e] + first_);
        }
        clamp(median_edge(), 0, s_.maximum).store(s_.expert[median()] + first_);
        const F scale = local_scale();
        scale.store(s_.scale + first_);
        const Ints halvings = max((bits(scale) >> 23) - (127 + s_.octave), Ints::all(0));
        correct_first(from_bits((127 - halvings) << 23), from_bits((halvings + 127) << 23));
        round(F::load(s_.centre + first_) * 64.0F).store(s_.whole_centre + first_);
        round(scale * 64.0F).store(s_.whole_scale + first_);
        round(log2_line(scale) * 32.0F).store(s_.log_scale + first_);
        // 1/σ² of what was expected here, so that calm places count most.
        const F width = scale + 0.15F;
        (F::all(5) / (width * width) * F::load(s_.mask + first_)).store(s_.share[pending_] + first_);
        describe(scale, halvings);
    }

    // Every place of the arrays gets what it holds, of lanes without a pixel, too.
    void keep(const float* symbols) {
        const F value = F::load(symbols + first_);
        const F mask = F::load(s_.mask + first_);
        value.store(s_.samples + at_);
        ((value - F::load(s_.centre + first_)) * mask).store(s_.errors + at_);
        for (int e = 0; e < experts(); ++e)
            (abs(value - F::load(s_.expert[e] + first_)) * mask + (F::all(1) - mask) * 2.0F)
                .store(s_.misses[e] + recent_);
    }

    // What the symbols of all lanes teach these ones.
    void learn(const float* symbols) {
        for (int l = first_; l < first_ + kNative; ++l)
            if (s_.active[l]) learn_bias(s_.context[l], (symbols[l] - s_.expert[0][l]) * s_.halved[l]);
        (F::load(symbols + first_) - F::load(s_.mean + first_)).store(s_.value[pending_][s_.inputs] + first_);
        if (pending_ + 1 == s_.batch) join_sums();
    }

  private:
    void join_sums() {
        float *sums = s_.block + first_, *shares = s_.share[0] + first_;
        const float* values = s_.value[0][0] + first_;
        if (s_.batch == 1) accumulate<1>(sums, values, s_.inputs, shares);
        if (s_.batch == 2) accumulate<2>(sums, values, s_.inputs, shares);
        if (s_.batch == 4) accumulate<4>(sums, values, s_.inputs, shares);
    }

    int median() const { return s_.solvers; }
    int corrected() const { return s_.solvers + 1; }
    int experts() const { return s_.solvers + 2; }

    F near(const float* array, int dy, int dx) const {
        return F::load(array + at_ + Wavefront::neighbour(dy, dx));
    }
    // Of expert e.
    F miss(int e, int dy, int dx) const {
        return F::load(s_.misses[e] + recent_ + Wavefront::neighbour(dy, dx));
    }
    F sample(int dy, int dx) const { return near(s_.samples, dy, dx); }

    F mean_around(const float* plane) const {
        return (near(plane, 0, -1) + near(plane, -1, 0) + near(plane, -1, -1) + near(plane, -1, 1)) * 0.25F;
    }

    void read_inputs() {
        const float* planes[3] = {s_.samples, s_.earlier[0], s_.earlier[1]};
        F means[3];
        for (int p = 0; p <= s_.plane; ++p) means[p] = mean_around(planes[p]);
        means[0].store(s_.mean + first_);
        for (int i = 0; i < s_.inputs; ++i) {
            const int p = s_.input_plane[i];
            (F::load(planes[p] + at_ + s_.input_offset[i]) - means[p]).store(s_.value[pending_][i] + first_);
        }
    }

    // Of a + b − c, a and b the one in the middle.
    static F median_of(F a, F b, F c) { return max(min(a, b), min(max(a, b), a + b - c)); }
    F median_edge() const {
        const F left = sample(0, -1), up = sample(-1, 0), corner = sample(-1, -1);
        if (s_.plane == 0) return median_of(left, up, corner);
        const float* before = s_.earlier[0];
        return near(before, 0, 0) +
               median_of(left - near(before, 0, -1), up - near(before, -1, 0), corner - near(before, -1, -1));
    }

    // The first expert plus the mean error that it had in the same context: signs of six neighbours against
    // it, and seven classes of its errors around.
    // halved: what the head's halvings leave of a unit; doubled: the reverse.
    void correct_first(F halved, F doubled) {
        halved.store(s_.halved + first_);
        const F around =
            (miss(0, 0, -1) + miss(0, -1, 0) + (miss(0, -1, -1) + miss(0, -1, 1)) * 0.5F) * halved;
        static constexpr int kPlaces[6][2] = {{0, -1}, {-1, 0}, {-1, -1}, {-1, 1}, {0, -2}, {-2, 0}};
        alignas(64) float energy[kNative], neighbour[6][kNative];
        around.store(energy);
        for (int i = 0; i < 6; ++i) sample(kPlaces[i][0], kPlaces[i][1]).store(neighbour[i]);
        for (int l = 0; l < kNative; ++l) {
            const float first = s_.expert[0][first_ + l], e = energy[l];
            int context = 0;
            for (int i = 0; i < 6; ++i) context |= (neighbour[i][l] > first ? 1 : 0) << i;
            context += 64 * ((e >= 2) + (e >= 5) + (e >= 9) + (e >= 15) + (e >= 25) + (e >= 40));
            s_.context[first_ + l] = context;
            s_.centre[first_ + l] = s_.bias_sum[context] / (s_.bias_count[context] + 4.0F);
        }
        const F corrected_first = F::load(s_.expert[0] + first_) + F::load(s_.centre + first_) * doubled;
        const F centre = clamp(corrected_first, 0, s_.maximum);
        centre.store(s_.centre + first_);
        centre.store(s_.expert[corrected()] + first_);
    }

    void learn_bias(int context, float error) {
        s_.bias_sum[context] += error;
        s_.bias_count[context] += 1;
        if (s_.bias_count[context] <= 200) return;
        s_.bias_sum[context] *= 0.5F;
        s_.bias_count[context] *= 0.5F;
    }

    F local_scale() const {
        const int c = corrected();
        const F near_by = (miss(c, 0, -1) + miss(c, -1, 0)) * 2.0F;
        const F next = miss(c, -1, -1) + miss(c, -1, 1) + miss(c, 0, -2) + miss(c, -2, 0);
        const F far = (miss(c, -1, 2) + miss(c, -1, -2)) * 0.5F;
        return (near_by + next + far) * (0.55F / 9) + s_.least_scale;
    }

    void describe(F scale, Ints halvings);

    PlaneState& s_;
    const int t_, first_;
    const int pending_;            // the sample's place among those that join the sums together
    const ptrdiff_t at_, recent_;  // the lanes' own places
};

// What the plane is like.
inline void learn_habits(PlaneState& s, const float* symbols) {
    float sum[3] = {0, 0, 0}, count = 0;
    for (int l = 0; l < kLanes; ++l) {
        if (!s.active[l]) continue;
        const float error = __builtin_fabsf(symbols[l] - s.centre[l]);
        sum[0] += error / s.scale[l];
        sum[1] += log2_line(s.scale[l]);
        sum[2] += error < 0.5F ? 1.0F : 0.0F;
        count += 1;
    }
    for (int i = 0; i < 3; ++i) s.habit[i] += (sum[i] - count * s.habit[i]) * (1.0F / 4096);
}

// Whose sums are used after the block that ends with step t: where the block is one with pixels, or is up to two
// behind them, or the next one is the row's first.
inline uint32_t lanes_of_block(const PlaneState& s, int t) {
    const int after = (s.wave.width - 1 + kPadding) / kBlock + 2;
    const int blocks = s.wave.period / kBlock;
    uint32_t lanes = 0;
    for (int l = 0; l < kLanes; ++l) {
        const int p = t + 1 - kLag * l;
        if (p < 0) continue;
        const int row = p / s.wave.period * kLanes + l, next = p % s.wave.period / kBlock;
        const bool needed = row < s.wave.height && next <= after;
        const bool needed_before = row >= kLanes && row - kLanes < s.wave.height && next + blocks <= after;
        lanes |= (needed || needed_before ? uint32_t{1} : 0) << l;
    }
    return lanes;
}

// After the last step of a block.
void end_block(PlaneState& s, int t) {
    const uint32_t lanes = lanes_of_block(s, t);
    if (lanes == 0) {  // nor has any a pixel in the block
        for (int e = 0; e < s.solvers; ++e) ++s.solver[e].blocks;
        s.carry_position = (s.carry_position + 1) % (s.carry_slots + 1);
        return;
    }
    alignas(64) float went_on[kLanes], goes_on[kLanes];
    for (int l = 0; l < kLanes; ++l) {
        const int p = t + 1 - kLag * l;
        goes_on[l] = p > 0 && p % s.wave.period != 0 ? 1.0F : 0.0F;
        went_on[l] = p > kBlock && (p - kBlock) % s.wave.period != 0 ? 1.0F : 0.0F;
    }
    const int slots = s.carry_slots + 1;
    const int in = s.carry_position, out = (in + s.carry_slots) % slots;
    for (int e = 0; e < s.solvers; ++e) {
        SolverState& solver = s.solver[e];
        const ptrdiff_t entries = triangle(solver.inputs) + solver.inputs;
        next_block_of(
            lanes, solver,
            {s.block, s.inputs, went_on, goes_on, solver.carry + in * entries, solver.carry + out * entries});
    }
    s.carry_position = (in + 1) % slots;
    __builtin_memset(s.block, 0, sizeof(float) * kLanes * static_cast<size_t>(triangle(s.inputs) + s.inputs));
}

void predict(PlaneState& state, int t) {
    visit_vectors(state.busy, [&](int first) { Predictor(state, t, first).predict(); });
}

void update(PlaneState& state, int t, const float* symbols) {
    for (int first = 0; first < kLanes; first += kNative) Predictor(state, t, first).keep(symbols);
    visit_vectors(state.busy, [&](int first) { Predictor(state, t, first).learn(symbols); });
    learn_habits(state, symbols);
    float* const whole[] = {state.samples, state.errors};
    for (float* array : whole) {
        copy_last_lanes(state.wave, array, t, 0);
        copy_first_lanes(state.wave, array, t);
    }
    for (int e = 0; e < state.solvers + 2; ++e)
        copy_last_lanes(state.wave, state.misses[e], t, state.misses_from);
    if ((t + 1) % kBlock == 0) end_block(state, t);
}

}  // namespace

}  // namespace residua::olm::RESIDUA_SIMD

#include "olm/head_inputs_lanes.h"
