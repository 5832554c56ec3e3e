// Shares of a distribution without one of its intervals. docs/format-deep.md, 4.
#pragma once

#include <algorithm>
#include <cstdint>

#include "entropy/rans.h"

namespace residua::entropy {

// The other intervals, in their order, with all of 2^20 between them. Without frequency: all as they were.
class Without {
  public:
    Without() = default;
    explicit Without(Interval gone)
        : gone_(gone),
          rest_(kProbabilityOne - gone.frequency),
          scale_((uint64_t{1} << (2 * kProbabilityBits)) / rest_) {}

    bool any() const { return gone_.frequency != 0; }
    Interval of(Interval interval) const {
        if (gone_.frequency == 0) return interval;
        const uint32_t begin =
            interval.start < gone_.start ? interval.start : interval.start - gone_.frequency;
        const uint32_t start = place(begin);
        return {start, place(begin + interval.frequency) - start};
    }
    // Where the slot lies in the whole distribution: in the interval whose of() holds it.
    uint32_t slot_of(uint32_t slot) const {
        if (gone_.frequency == 0) return slot;
        const auto begin = static_cast<uint32_t>((((uint64_t{slot} + 1) << kProbabilityBits) - 1) / scale_);
        const uint32_t inside = std::min(begin, rest_ - 1);
        return inside < gone_.start ? inside : inside + gone_.frequency;
    }

  private:
    uint32_t place(uint32_t begin) const {
        return begin == rest_ ? kProbabilityOne : static_cast<uint32_t>((begin * scale_) >> kProbabilityBits);
    }

    Interval gone_ = {0, 0};
    uint32_t rest_ = kProbabilityOne;
    uint64_t scale_ = kProbabilityOne;
};

}  // namespace residua::entropy
