// Adaptive probabilities. docs/format-dct.md, 3.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dct/logistic.h"

namespace residua::dct {

// The probability of a one in some context: 22 bits of it, then how often the context was met (10 bits, up to
// kMostCount). It moves by 1 / (count + 1.5) of its error: fast first, then slowly.
class Slot {
  public:
    static constexpr uint32_t kMostCount = 1000;

    uint32_t probability() const { return state_ >> 10; }  // of 2^22
    uint32_t count() const { return state_ & 1023; }

    void update(int bit) {
        const uint32_t n = count();
        const auto p = static_cast<int32_t>(probability());
        const int32_t target = bit ? (1 << 22) - 1 : 0;
        const auto moved = p + static_cast<int32_t>((int64_t{target - p} * kRate[n]) >> 16);
        state_ = static_cast<uint32_t>(moved) << 10 | (n < kMostCount ? n + 1 : n);
    }

  private:
    static constexpr std::array<int32_t, 1024> kRate = [] {
        std::array<int32_t, 1024> rate{};
        for (int n = 0; n < 1024; ++n) rate[static_cast<size_t>(n)] = 131072 / (2 * n + 3);
        return rate;
    }();

    uint32_t state_ = 1u << 31;
};

// A bit whose slot alone says its probability; share of 2^20. Bits: entropy/dec_bits.h.
template <typename Bits>
int code_alone(Bits& bits, Slot& slot, int bit) {
    constexpr uint32_t kLeastShare = 64;
    const uint32_t share =
        std::clamp(slot.probability() >> 2, kLeastShare, (uint32_t{1} << 20) - kLeastShare);
    bit = bits.code(share, bit);
    slot.update(bit);
    return bit;
}

// Slots by context and node: the nodes of one context lie
// together, in one line of the cache where they are 16.
class SlotTable {
  public:
    SlotTable(int context_bits, int node_bits)
        : slots_(size_t{1} << (context_bits + node_bits)), node_bits_(node_bits), mask_(slots_.size() - 1) {}

    // Never outside, whatever the context.
    Slot* at(uint32_t context, uint32_t node) {
        return &slots_[((size_t{context} << node_bits_) | node) & mask_];
    }

  private:
    std::vector<Slot> slots_;
    int node_bits_;
    size_t mask_;
};

inline int clamp_logit(int64_t logit) {
    return static_cast<int>(std::clamp<int64_t>(logit, -kMaxLogit, kMaxLogit));
}

// Corrects a probability by a context: 33 points along the log odds, interpolated.
class ProbabilityMap {
  public:
    explicit ProbabilityMap(size_t contexts) : points_(contexts * 33) {
        for (size_t i = 0; i < points_.size(); ++i)
            points_[i] = static_cast<int32_t>(squash(clamp_logit(static_cast<int>(i % 33) * 128 - 2048)));
    }

    uint32_t refine(size_t context, int logit) {
        const int at = logit + 2048;
        const int weight = at & 127;
        const size_t low = context * 33 + static_cast<size_t>(at >> 7);
        nearest_ = low + static_cast<size_t>(weight >> 6);
        return static_cast<uint32_t>((points_[low] * (128 - weight) + points_[low + 1] * weight) >> 7);
    }

    void update(int bit) {
        int32_t& point = points_[nearest_];
        point += ((bit ? 65535 : 0) - point) >> 6;
    }

  private:
    std::vector<int32_t> points_;  // of 2^16
    size_t nearest_ = 0;
};

}  // namespace residua::dct
