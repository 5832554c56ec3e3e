// One kind of binary decisions: the log odds of several contexts are mixed by several sets of weights, their
// results by another set, and what comes out is corrected by two maps. docs/format-dct.md, 4.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dct/probability.h"

namespace residua::dct {

// Inputs: number of contexts; Sets: number of weight sets that vote.
template <int Inputs, int Sets>
class Decision {
  public:
    static constexpr int kAll = 2 * Inputs + 1;  // two of each context, and a constant

    struct Shape {
        std::array<size_t, Sets> sets;  // how many sets of weights each vote chooses from
        size_t finals;
        std::array<size_t, 2> maps;
    };
    // Where the caller says, before each decision, what it depends on.
    std::array<Slot*, Inputs> slots{};
    std::array<size_t, Sets> selected{};
    size_t final_selected = 0;
    std::array<size_t, 2> corrected{};

    // start: weights in 2^-10, by class; class_of(set, index): the class of that set of weights.
    template <size_t Classes, class ClassOf>
    Decision(const Shape& shape, const std::array<std::array<int16_t, kAll>, Classes>& start,
             ClassOf class_of)
        : maps_{ProbabilityMap(shape.maps[0]), ProbabilityMap(shape.maps[1])} {
        for (size_t s = 0; s < Sets; ++s) {
            sets_[s].resize(shape.sets[s]);
            for (size_t i = 0; i < shape.sets[s]; ++i)
                for (size_t k = 0; k < kAll; ++k)
                    sets_[s][i].weights[k] = 64 * start[std::min(class_of(s, i), Classes - 1)][k];
        }
        std::array<int32_t, Sets> equal;
        equal.fill(kOne / Sets);
        finals_.assign(shape.finals, equal);
    }

    // Bits::code(share, bit) codes a bit that is one with share / 2^20 and returns it; an encoder's knows it
    // from `bit`, a decoder's ignores that.
    template <class Bits>
    int code(Bits& bits, int bit) {
        std::array<int32_t, kAll> input;
        for (size_t i = 0; i < Inputs; ++i) {
            const auto p = static_cast<int>(slots[i]->probability() >> 10);
            const uint32_t n = std::min<uint32_t>(slots[i]->count(), 31);
            input[2 * i] = (stretch(static_cast<uint32_t>(p)) * kConfidence[n]) >> 8;
            input[2 * i + 1] = (p - 2048) >> 1;
        }
        input[2 * Inputs] = 256;

        std::array<int, Sets> votes;
        auto& final_weights = finals_[final_selected];
        int64_t sum = 0;
        for (size_t s = 0; s < Sets; ++s) {
            const Set& set = sets_[s][selected[s]];
            int64_t dot = 0;
            for (size_t k = 0; k < kAll; ++k) dot += int64_t{set.weights[k] * input[k]};
            votes[s] = clamp_logit(dot >> 16);
            sum += int64_t{final_weights[s]} * votes[s];
        }
        const int logit = clamp_logit(sum >> 16);
        const uint32_t mixed = squash(logit);
        const uint32_t share =
            8 * mixed + 4 * (maps_[0].refine(corrected[0], logit) + maps_[1].refine(corrected[1], logit));
        bit = bits.code(std::clamp(share, kLeastShare, (1u << 20) - kLeastShare), bit);

        const int target = bit ? 65535 : 0;
        for (size_t s = 0; s < Sets; ++s) {
            Set& set = sets_[s][selected[s]];
            const int rate = kLowRate + kHighRate / (static_cast<int>(set.count / 16) + 4);
            set.count = std::min(set.count + 1, 65535u);
            learn(set.weights, input, ((target - static_cast<int>(squash(votes[s]))) * rate) >> 8);
        }
        learn(final_weights, votes, (target - static_cast<int>(mixed)) >> 3);
        for (auto& map : maps_) map.update(bit);
        for (Slot* slot : slots) slot->update(bit);
        return bit;
    }

  private:
    static constexpr int32_t kOne = 1 << 16;  // a weight of 1
    static constexpr int32_t kMostWeight = 1 << 19;
    static constexpr int kLowRate = 40, kHighRate = 5000;
    static constexpr uint32_t kLeastShare = 32;
    // What a probability that was met n times is worth, 2^-8.
    static constexpr std::array<int32_t, 32> kConfidence = [] {
        std::array<int32_t, 32> c{};
        for (int n = 0; n < 32; ++n) c[static_cast<size_t>(n)] = 256 * (2 * n + 1) / (2 * n + 3);
        return c;
    }();

    struct Set {
        std::array<int32_t, kAll> weights;
        uint32_t count = 0;
    };

    template <size_t Size>
    static void learn(std::array<int32_t, Size>& weights, const std::array<int, Size>& input, int error) {
        for (size_t k = 0; k < Size; ++k)
            weights[k] =
                std::clamp(weights[k] + ((input[k] * error + 32768) >> 16), -kMostWeight, kMostWeight);
    }

    std::array<std::vector<Set>, Sets> sets_;
    std::vector<std::array<int32_t, Sets>> finals_;
    std::array<ProbabilityMap, 2> maps_;
};

}  // namespace residua::dct
