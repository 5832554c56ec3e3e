#include "weights/lossy_range.h"

namespace residua::train {

void LossyRange::describe(Description& description) const {
    if (q_low == 0) return;
    description["q_low"] = std::to_string(q_low);
    description["q_high"] = std::to_string(q_high);
    description["bit_depth"] = std::to_string(bit_depth);
}

LossyRange LossyRange::of(const Description& description) {
    if (!description.count("q_low")) return {};  // of an older trainer, or another codec
    return {number_of(description, "q_low"), number_of(description, "q_high"),
            number_of(description, "bit_depth")};
}

}  // namespace residua::train
