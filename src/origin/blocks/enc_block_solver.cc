#include "origin/blocks/enc_block_solver.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "origin/blocks/enc_forward_dct.h"

namespace residua::codec {

namespace {

constexpr int kWalk = 40;       // steps
constexpr int kMostMoves = 12;  // that a step tries
// Steps for which a coefficient that was changed is left alone, in one walk after the other.
constexpr int kFirstRest = 3;
constexpr int kRests[] = {3, 5, 6};
constexpr int kWorthCompletion = 3;     // differing samples
constexpr float kFarthestNoise = 1.2F;  // of a coefficient from its multiple: four deviations
constexpr float kHalf = 0.499F;  // that rounding takes down: a half goes up, and calm blocks hit it exactly
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
    Search(const BlockSamples& samples, const QuantTable& quant, const Floats& step,
           const Floats& inverse_step)
        : samples_(samples), quant_(quant), step_(step), inverse_step_(inverse_step) {
        for (size_t i = 0; i < kBlockSize; ++i) {
            const float value = static_cast<float>(samples.values[i]) - 128;
            const BlockSamples::Knowledge known = samples.known[i];
            constexpr float kNearness = BlockSamples::kNearness;
            low_[i] = known == BlockSamples::kExact        ? value - 0.5F
                      : known == BlockSamples::kNear       ? value - 0.5F - kNearness
                      : known == BlockSamples::kAtLeast255 ? 126.5F
                                                           : -kUnlimited;
            high_[i] = known == BlockSamples::kExact        ? value + kHalf
                       : known == BlockSamples::kNear       ? value + kHalf + kNearness
                       : known == BlockSamples::kAtMostZero ? -128 + kHalf
                                                            : kUnlimited;
        }
    }

    void round_samples() {
        Floats frequencies;
        for (size_t s = 0; s < kBlockSize; ++s) frequencies[s] = static_cast<float>(samples_.values[s]) - 128;
        forward_dct(frequencies.data(), frequencies.data());
        for (size_t k = 0; k < kBlockSize; ++k) now_[k] = limited(frequencies[k] * inverse_step_[k]);
        look();
    }

    void start_from(const Coefficients& coefficients) {
        now_ = coefficients;
        look();
    }

    // From where it is.
    void improve() {
        if (differing() > 0 && samples_.is_exact()) walk(true, kFirstRest);
        for (const int rest : kRests) {
            if (differing() == 0) return;
            walk(false, rest);
            if (differing() == 1) return;  // more likely a wrong sample than wrong coefficients
        }
        forget_worst();
        walk(false, kRests[0]);
    }

    int differing() const { return best_differing_; }
    const Coefficients& best() const { return best_; }

  private:
    // From the best so far, one coefficient by one step at a time, also where that is uphill.
    void walk(bool noise_only, int rest) {
        std::array<int, kBlockSize> free_from = {};
        now_ = best_;
        look();
        for (int i = 0; i < kWalk && best_differing_ > 0; ++i) {
            std::array<Move, kBlockSize> moves;
            const int count = noise_only ? noise_moves(i, free_from, moves) : descents(i, free_from, moves);
            if (count == 0) return;
            const Move move = best_of(moves, count);
            const auto k = static_cast<size_t>(move.frequency);
            now_[k] = limited(static_cast<float>(now_[k] + move.direction));
            free_from[k] = i + rest;
            look();
        }
    }

    // Forgets the sample that the best so far misses by most: it may be wrong itself.
    void forget_worst() {
        now_ = best_;
        look();
        size_t worst = 0;
        float most = 0;
        for (size_t s = 0; s < kBlockSize; ++s) {
            const float beyond = std::fabs(std::clamp(made_[s], low_[s], high_[s]) - made_[s]);
            if (beyond <= most) continue;
            most = beyond;
            worst = s;
        }
        low_[worst] = -kUnlimited;
        high_[worst] = kUnlimited;
    }

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
            const int off = std::abs(dct_sample(sums[s]) - samples_.values[s]);
            differing += samples_.known[s] != BlockSamples::kNothing &&
                         off > (samples_.known[s] == BlockSamples::kNear ? BlockSamples::kNearness : 0);
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

    using Moves = std::array<Move, kBlockSize>;
    using FreeFrom = std::array<int, kBlockSize>;

    // Towards what the samples' noise may have been rounded away from, if all samples are exact.
    int noise_moves(int now, const FreeFrom& free_from, Moves& moves) const {
        Floats off;
        for (size_t s = 0; s < kBlockSize; ++s)
            off[s] = static_cast<float>(samples_.values[s]) - 128 - made_[s];
        forward_dct(off.data(), off.data());
        int count = 0;
        for (size_t k = 0; k < kBlockSize; ++k) {
            const float excess = step_[k] - std::fabs(off[k]);  // of the noise that the move supposes
            if (free_from[k] <= now && excess < kFarthestNoise)
                moves[static_cast<size_t>(count++)] = {static_cast<int>(k), off[k] > 0 ? 1 : -1, -excess};
        }
        return count;
    }

    // Those that lessen the violation most, by its gradient and what a step adds in the samples at fault.
    int descents(int now, const FreeFrom& free_from, Moves& moves) const {
        Floats off;
        float at_fault = 0;
        for (size_t s = 0; s < kBlockSize; ++s) {
            off[s] = std::clamp(made_[s], low_[s], high_[s]) - made_[s];
            at_fault += off[s] != 0 ? 1.0F / kBlockSize : 0;
        }
        forward_dct(off.data(), off.data());
        int count = 0;
        for (size_t k = 0; k < kBlockSize; ++k) {
            if (free_from[k] > now || off[k] == 0) continue;
            moves[static_cast<size_t>(count++)] = {static_cast<int>(k), off[k] > 0 ? 1 : -1,
                                                   step_[k] * (2 * std::fabs(off[k]) - at_fault * step_[k])};
        }
        return count;
    }

    // Of the first by merit, the one that leaves the least violation.
    Move best_of(Moves& moves, int count) const {
        const auto better = [](const Move& a, const Move& b) {
            return a.merit > b.merit || (a.merit == b.merit && a.frequency < b.frequency);
        };
        if (count > kMostMoves) {
            std::partial_sort(moves.begin(), moves.begin() + kMostMoves, moves.begin() + count, better);
            count = kMostMoves;
        }
        Move best = moves[0];
        float least = kUnlimited;
        for (int i = 0; i < count; ++i) {
            const Move& move = moves[static_cast<size_t>(i)];
            const float step = step_[static_cast<size_t>(move.frequency)];
            const float left = violation(move.frequency, static_cast<float>(move.direction) * step);
            if (left < least) {
                least = left;
                best = move;
            }
        }
        return best;
    }

    const BlockSamples& samples_;
    const QuantTable& quant_;
    const Floats &step_, &inverse_step_;
    Floats low_, high_;  // of what the inverse DCT makes before it is rounded
    Floats made_;
    Coefficients now_, best_ = {};
    int best_differing_ = kBlockSize + 1;
};

}  // namespace

bool BlockSamples::is_exact() const {
    return std::ranges::all_of(known, [](Knowledge k) { return k == kExact; });
}

BlockSolver::BlockSolver(const QuantTable& quant, const CoefficientEnergies& energies)
    : quant_(quant), energies_(energies) {
    for (size_t k = 0; k < kBlockSize; ++k) {
        step_[k] = static_cast<float>(quant[k]);
        inverse_step_[k] = 1 / step_[k];
    }
}

bool BlockSolver::is_rounded(const BlockSamples& samples) const {
    Search search(samples, quant_, step_, inverse_step_);
    search.round_samples();
    return search.differing() == 0;
}

int BlockSolver::solve(const BlockSamples& samples, int16_t* coefficients) const {
    Search search(samples, quant_, step_, inverse_step_);
    search.round_samples();
    search.improve();
    std::ranges::copy(search.best(), coefficients);
    if (search.differing() < kWorthCompletion || samples.is_exact()) return search.differing();
    Coefficients completed;
    complete_block(samples, quant_, energies_, completed.data());
    Search again(samples, quant_, step_, inverse_step_);
    again.start_from(completed);
    again.improve();
    if (again.differing() < search.differing()) std::ranges::copy(again.best(), coefficients);
    return std::min(again.differing(), search.differing());
}

}  // namespace residua::codec
