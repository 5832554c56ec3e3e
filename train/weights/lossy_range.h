// The lossy layers that a network of RC was trained on, as its files record them.
#pragma once

#include "weights/description.h"

namespace residua::train {

struct LossyRange {
    int q_low = 0, q_high = 0;  // 0: not known
    int bit_depth = 10;

    void describe(Description& description) const;  // adds itself, unless it is not known
    static LossyRange of(const Description& description);
};

}  // namespace residua::train
