// The writer's half of dec_bits.h.
#pragma once

#include <vector>

#include "entropy/rans.h"

namespace residua::entropy {

struct BitWriter {
    std::vector<Interval>& intervals;

    int code(uint32_t share, int bit) {
        intervals.push_back(bit ? Interval{0, share} : Interval{share, kProbabilityOne - share});
        return bit;
    }
};

}  // namespace residua::entropy
