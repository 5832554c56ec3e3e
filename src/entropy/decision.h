// The adaptive probability of a decision. docs/format-deep.md, 4.
#pragma once

#include <algorithm>
#include <cstdint>

#include "entropy/rans.h"

namespace residua::entropy {

// That the decision is a yes, in some context: 22 bits of it and how often the context was met. It moves by
// 1 / (count + 1.5) of its error: fast first, then slowly.
class Decision {
  public:
    static constexpr uint32_t kFirstCount = 2, kMostCount = 255;

    // first: what is thought of it before it was ever met, 1 … 2^20 − 1.
    uint32_t share(uint32_t first) {
        if (count_ == 0) {
            probability_ = first << 2;
            count_ = kFirstCount;
        }
        return std::clamp<uint32_t>(probability_ >> 2, kLeast, kProbabilityOne - kLeast);
    }
    void update(bool yes) {
        const int64_t target = yes ? (1 << 22) - 1 : 0;
        const int64_t rate = 131072 / (2 * count_ + 3);
        probability_ = static_cast<uint32_t>(probability_ + (((target - probability_) * rate) >> 16));
        if (count_ < kMostCount) ++count_;
    }

  private:
    static constexpr uint32_t kLeast = 64;
    uint32_t probability_ = 0, count_ = 0;
};

inline Interval interval_of(uint32_t share_of_yes, bool yes) {
    return yes ? Interval{0, share_of_yes} : Interval{share_of_yes, kProbabilityOne - share_of_yes};
}

}  // namespace residua::entropy
