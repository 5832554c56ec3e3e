// How many bytes a plane's stages read and write in each step, for bench/profile: arrays as the kernels go through them,
// but for what they hold in registers.
#pragma once

#include <bit>

#include "base/stage_profile.h"
#include "olm/plane_state.h"

namespace residua::olm {

class StepBytes {
  public:
    explicit StepBytes(const PlaneState& state) : s_(state) {
        for (int e = 0; e < s_.solvers; ++e) {
            sums_ += sums(s_.solver[e].inputs);
            work_ += static_cast<uint64_t>(solve_entries(s_.solver[e].inputs));
            weights_ += static_cast<uint64_t>(s_.solver[e].inputs);
        }
    }

    void experts(const StageScope& stage, int t) const {
        if (!stage.counts()) return;
        const uint64_t inputs = static_cast<uint64_t>(s_.inputs) + weights_;
        const bool solves = t % s_.solve_every == 0;
        stage.count(lanes() * (inputs + (solves ? 2 * sums_ + work_ : 0)),
                    lanes() * (inputs + (solves ? work_ + weights_ : 0)));
    }
    void head(const StageScope& stage, int samples, int components) const {
        const auto count = static_cast<uint64_t>(samples);
        stage.count(count * static_cast<uint64_t>(s_.head_inputs), count * outputs(components));
    }
    void mixtures(const StageScope& stage, int samples, int components) const {
        stage.count(static_cast<uint64_t>(samples) * outputs(components),
                    static_cast<uint64_t>(samples) * sizeof(uint64_t));
    }
    void learning(const StageScope& stage, int t) const {
        if (!stage.counts()) return;
        const bool joins = t % s_.batch + 1 == s_.batch, ends_block = (t + 1) % kBlock == 0;
        const uint64_t block = joins ? sums(s_.inputs) : 0, kept = static_cast<uint64_t>(s_.solvers) + 4;
        stage.count(lanes() * (block + kept + (ends_block ? 3 * sums_ : 0)),
                    lanes() * (block + kept + (ends_block ? 3 * sums_ : 0)));
    }

  private:
    static uint64_t sums(int inputs) { return static_cast<uint64_t>(triangle(inputs) + inputs); }
    static uint64_t outputs(int components) {
        return uint64_t{3} * sizeof(int16_t) * static_cast<uint64_t>(components);
    }
    // In bytes of floats.
    uint64_t lanes() const { return sizeof(float) * static_cast<uint64_t>(std::popcount(s_.busy)); }

    const PlaneState& s_;
    uint64_t sums_ = 0, work_ = 0, weights_ = 0;
};

}  // namespace residua::olm
