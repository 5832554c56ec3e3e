// One kind of binary decisions: contexts' probabilities are mixed by several sets of weights, their results by
// another one, and refined. docs/format-dct.md, 2.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "dct/mixer.h"

namespace residua::dct {

// Inputs: number of contexts. Sets: number of weight sets that vote.
template <int Inputs, int Sets>
class Decision {
  public:
    static constexpr int kInputs = Inputs;
    static constexpr int kAll = 2 * Inputs + 1;  // and a constant

    std::array<Slot*, Inputs> slots{};
    std::array<uint32_t, Sets> selected{};  // the weights that each set takes
    uint32_t final_selected = 0;
    std::array<uint32_t, 2> refined{};

    Decision(std::array<uint32_t, Sets> set_sizes, uint32_t final_size, std::array<uint32_t, 2> map_sizes,
             uint32_t limit)
        : limit_(limit), maps_{ProbabilityMap(map_sizes[0]), ProbabilityMap(map_sizes[1])} {
        for (int s = 0; s < Sets; ++s) {
            std::array<int32_t, kAll> start{};
            for (int i = 0; i < Inputs; ++i) start[i] = (1 << 16) * 3 / (2 * Inputs);
            weights_[s].assign(set_sizes[s], Set{start, 0});
        }
        std::array<int32_t, Sets> start{};
        start.fill((1 << 16) / Sets);
        final_.assign(final_size, start);
    }

    // Bits: int code(uint32_t share_of_one, int bit); bit is what the encoder has to say.
    template <class Bits>
    int code(Bits& bits, int bit) {
        std::array<int32_t, kAll> input;
        for (int i = 0; i < Inputs; ++i) {
            const uint32_t p = slots[i]->probability();
            const int st = stretch(p >> 10);
            const uint32_t n = slots[i]->count();
            input[2 * i] = (st * kConfidence[n < 31 ? n : 31]) >> 8;
            input[2 * i + 1] = (static_cast<int>(p >> 10) - 2048) >> 2;
        }
        input[2 * Inputs] = 256;
        std::array<int, Sets> votes;
        std::array<Set*, Sets> sets;
        int64_t sum = 0;
        auto& final_weights = final_[final_selected];
        for (int s = 0; s < Sets; ++s) {
            sets[s] = &weights_[s][selected[s]];
            int64_t dot = 0;
            for (int i = 0; i < kAll; ++i) dot += int64_t{sets[s]->weights[i]} * input[i];
            votes[s] = clamp_logit(dot >> 16);
            sum += int64_t{final_weights[s]} * votes[s];
        }
        const int logit = clamp_logit(sum >> 16);
        const uint32_t mixed = squash(logit);
        const uint32_t first = maps_[0].refine(refined[0], logit);
        const uint32_t second = maps_[1].refine(refined[1], logit);
        const uint32_t p = 8 * mixed + 4 * first + 4 * second;  // of 2^20
        bit = bits.code(std::clamp<uint32_t>(p, 32, (1u << 20) - 32), bit);

        const int target = bit ? 65535 : 0;
        for (int s = 0; s < Sets; ++s) {
            Set& set = *sets[s];
            const int rate = kLow + kHigh / (static_cast<int>(set.count) / 16 + 4);
            if (set.count < 65535) ++set.count;
            const int error = ((target - static_cast<int>(squash(votes[s]))) * rate) >> 8;
            for (int i = 0; i < kAll; ++i) {
                const int32_t w = set.weights[i] + ((input[i] * error + 0x8000) >> 16);
                set.weights[i] = std::clamp(w, -(1 << 19), 1 << 19);
            }
        }
        const int error = ((target - static_cast<int>(mixed)) * 32) >> 8;
        for (int s = 0; s < Sets; ++s)
            final_weights[s] = std::clamp(final_weights[s] + ((votes[s] * error + 0x8000) >> 16), -(1 << 19), 1 << 19);
        for (auto& map : maps_) map.update(bit);
        for (Slot* slot : slots) slot->update(bit, limit_);
        return bit;
    }

  private:
    static constexpr int kLow = 24, kHigh = 800;
    static constexpr std::array<int, 32> kConfidence = [] {
        std::array<int, 32> c{};
        for (int n = 0; n < 32; ++n) c[static_cast<size_t>(n)] = 256 * (2 * n + 1) / (2 * n + 3);
        return c;
    }();
    struct Set {
        std::array<int32_t, kAll> weights;
        uint32_t count;
    };
    uint32_t limit_;
    std::array<std::vector<Set>, Sets> weights_;
    std::vector<std::array<int32_t, Sets>> final_;
    std::array<ProbabilityMap, 2> maps_;
};

}  // namespace residua::dct
