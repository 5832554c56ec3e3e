// Which of a codec's models an encoder takes where none is asked for.
#pragma once

namespace residua::models {

constexpr int kDefaultEffort = 5;  // of 1 … 9

// The name of the model that OLM encodes with when none is asked for: the effort's own one in the released
// set. A context that has none of that name takes the first of the codec instead (Registry::choose).
constexpr const char* olm_model_of(int effort) {
    return effort <= 3 ? "olm-fast" : effort <= 6 ? "olm" : "olm-best";
}

// RC's, in the same way: with mixtures that adapt that for coarse lossy layers, without that for fine ones.
constexpr const char* rc_model_of(bool adaptive) { return adaptive ? "rc-coarse" : "rc-small"; }

}  // namespace residua::models
