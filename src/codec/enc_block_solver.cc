#include "codec/enc_block_solver.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "codec/enc_forward_dct.h"

namespace residua::codec {

namespace {

#ifndef P_PROJ
#define P_PROJ 30
#define P_ITER 40
#define P_TABU 6
#endif
constexpr int kProjections = P_PROJ;
constexpr int kSearchSteps = P_ITER;
constexpr int kTabu = P_TABU;             // steps for which a coefficient that was changed is left alone
constexpr float kFarthestNoise = 1.2F;  // of a coefficient from its multiple, if all samples are exact
constexpr int kMostMoves = 24;          // that a step looks at
constexpr float kUnlimited = 1e9F;
constexpr float kSumUnit = 1.0F / (1 << kDctSumBits);

using Floats = std::array<float, kBlockSize>;
using Coefficients = std::array<int16_t, kBlockSize>;

int16_t limited(float value) {
    constexpr float kMost = kMostCoefficient;
    return static_cast<int16_t>(std::lrint(std::clamp(value, -kMost, kMost)));
}

// One block's search. Samples count from 128.
class Search {
  public:
    Search(const BlockSamples& samples, const QuantTable& quant, const Floats& step, const Floats& inverse_step)
        : samples_(samples), quant_(quant), step_(step), inverse_step_(inverse_step) {
        for (size_t i = 0; i < kBlockSize; ++i) {
            const float value = static_cast<float>(samples.values[i]) - 128;
            const BlockSamples::Knowledge known = samples.known[i];
            low_[i] = known == BlockSamples::kExact         ? value - 0.5F
                      : known == BlockSamples::kAtLeast255 ? 126.5F
                                                            : -kUnlimited;
            high_[i] = known == BlockSamples::kExact        ? value + 0.5F
                       : known == BlockSamples::kAtMostZero ? -127.5F
                                                            : kUnlimited;
            target_[i] = value;
        }
    }

    void round_target() {
        Floats frequencies;
        forward_dct(target_.data(), frequencies.data());
        for (size_t k = 0; k < kBlockSize; ++k) now_[k] = limited(frequencies[k] * inverse_step_[k]);
        look();
    }

    int differing() const { return best_differing_; }
    const Coefficients& best() const { return best_; }

    void project() {
        Coefficients before;
        for (int i = 0; i < kProjections && best_differing_ > 0; ++i) {
            before = now_;
            for (size_t s = 0; s < kBlockSize; ++s)
                if (samples_.known[s] != BlockSamples::kExact)
                    target_[s] = std::clamp(made_[s], low_[s], high_[s]);
            round_target();
            if (now_ == before) return;
        }
    }

    void walk(bool exact) {
        std::array<int, kBlockSize> free_from = {};
        now_ = best_;
        look();
        for (int i = 0; i < kSearchSteps && best_differing_ > 0; ++i) {
            const Move move = best_move(exact, i, free_from);
            if (move.direction == 0) return;
            now_[static_cast<size_t>(move.frequency)] =
                limited(static_cast<float>(now_[static_cast<size_t>(move.frequency)] + move.direction));
            free_from[static_cast<size_t>(move.frequency)] = i + kTabu;
            look();
        }
    }

  private:
    struct Move {
        int frequency = 0, direction = 0;
        float merit = 0;
    };

    // Of now_: the samples that it makes, and how many differ.
    void look() {
        int32_t sums[kBlockSize];
        inverse_dct(now_.data(), quant_, sums);
        int differing = 0;
        for (size_t s = 0; s < kBlockSize; ++s) {
            made_[s] = static_cast<float>(sums[s]) * kSumUnit;
            differing +=
                samples_.known[s] != BlockSamples::kNothing && dct_sample(sums[s]) != samples_.values[s];
        }
        if (differing < best_differing_) {
            best_differing_ = differing;
            best_ = now_;
        }
    }

    // Sum of squares of what samples are beyond what is allowed, after a change of `amount` in a frequency.
    float violation(int frequency, float amount) const {
        const float* basis = dct_basis() + kBlockSize * frequency;
        float lanes[8] = {};
        for (size_t s = 0; s < kBlockSize; s += 8)
            for (size_t i = 0; i < 8; ++i) {
                const float value = made_[s + i] + amount * basis[s + i];
                const float below = low_[s + i] - value, above = value - high_[s + i];
                const float worse = below > above ? below : above;
                const float beyond = worse > 0 ? worse : 0;
                lanes[i] += beyond * beyond;
            }
        return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
               ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    }

    Move best_move(bool exact, int now, const std::array<int, kBlockSize>& free_from) const {
        std::array<Move, kBlockSize> moves;
        int count = 0;
        Floats off, frequencies;
        for (size_t s = 0; s < kBlockSize; ++s)
            off[s] = exact ? target_[s] - made_[s] : std::clamp(made_[s], low_[s], high_[s]) - made_[s];
        forward_dct(off.data(), frequencies.data());
        for (int k = 0; k < kBlockSize; ++k) {
            const auto i = static_cast<size_t>(k);
            const float distance = std::fabs(frequencies[i]);
            if (free_from[i] > now) continue;
            if (exact ? step_[i] - distance > kFarthestNoise : distance == 0) continue;
            moves[static_cast<size_t>(count++)] = {k, frequencies[i] > 0 ? 1 : -1,
                                                   exact ? distance - step_[i] : distance * (2 - 0.F * step_[i])};
        }
        if (count > kMostMoves) {
            std::partial_sort(moves.begin(), moves.begin() + kMostMoves, moves.begin() + count,
                              [](const Move& a, const Move& b) { return a.merit > b.merit; });
            count = kMostMoves;
        }
        Move best;
        float least = kUnlimited;
        for (int i = 0; i < count; ++i) {
            const Move& move = moves[static_cast<size_t>(i)];
            const float after = violation(
                move.frequency,
                static_cast<float>(move.direction) * step_[static_cast<size_t>(move.frequency)]);
            if (after < least) {
                least = after;
                best = move;
            }
        }
        return best;
    }

    const BlockSamples& samples_;
    const QuantTable& quant_;
    const Floats &step_, &inverse_step_;
    Floats low_, high_;  // of what the inverse DCT makes before it is rounded
    Floats target_;      // what the forward DCT is taken of
    Floats made_;
    Coefficients now_, best_ = {};
    int best_differing_ = kBlockSize + 1;
};

}  // namespace

bool BlockSamples::is_exact() const {
    return std::ranges::all_of(known, [](Knowledge k) { return k == kExact; });
}

BlockSolver::BlockSolver(const QuantTable& quant) : quant_(quant) {
    for (size_t k = 0; k < kBlockSize; ++k) {
        step_[k] = static_cast<float>(quant[k]);
        inverse_step_[k] = 1 / step_[k];
    }
}

int BlockSolver::round(const BlockSamples& samples, int16_t* coefficients) const {
    Search search(samples, quant_, step_, inverse_step_);
    search.round_target();
    std::ranges::copy(search.best(), coefficients);
    return search.differing();
}

BlockSolution BlockSolver::solve(const BlockSamples& samples, int16_t* coefficients) const {
    Search search(samples, quant_, step_, inverse_step_);
    search.round_target();
    const bool exact = samples.is_exact();
    if (search.differing() > 0 && !exact) search.project();
    if (search.differing() > 0) search.walk(exact);
    std::ranges::copy(search.best(), coefficients);
    return {search.differing()};
}

}  // namespace residua::codec
