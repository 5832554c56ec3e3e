// Encoder of DCT coefficients. docs/format-dct.md describes the stream.
#pragma once

#include <span>
#include <vector>

#include "dct/component.h"
#include "entropy/enc_decision_relay.h"
#include "entropy/rans.h"

namespace residua::dct {

// Appends the picture's binary decisions, in the order in which a decoder asks. All positions are 0, there is
// one lane: entropy::encode_symbols(intervals, positions, 1). Components: see check_components. Throws
// kInvalidArgument for a coefficient beyond ±kMaxCoefficient. Working memory: about 11 MB and, per block of a
// row, 1.5 KB. Deterministic; nothing is kept between calls.
void encode(std::span<const ConstComponent> components, std::vector<entropy::Interval>& intervals);
// The same, followed by whoever follows the relay, whose end is the caller's to say; `intervals` is empty.
void encode(std::span<const ConstComponent> components, std::vector<entropy::Interval>& intervals,
            entropy::DecisionRelay& relay);

}  // namespace residua::dct
