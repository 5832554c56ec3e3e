// The proof of what encode() writes, while it is written.
#pragma once

#include <span>

#include "dct/component.h"
#include "entropy/enc_decision_relay.h"

namespace residua::dct {

// As decode() (dec_coefficients.h) of a stream of the intervals that are followed: fills the components' coefficients.
// Throws kInternal where a decoder would expect other intervals, or more or fewer of them.
void check(entropy::DecisionRelay::Follower& follower, std::span<const Component> components);

}  // namespace residua::dct
