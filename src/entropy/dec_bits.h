// Binary decisions read from a stream of one lane.
#pragma once

#include "entropy/dec_rans.h"

namespace residua::entropy {

struct BitReader {
    RansDecoder& decoder;

    // A bit that is one with share / 2^20; the second argument is for writers.
    int code(uint32_t share, int) {
        const bool bit = decoder.slot(0) < share;
        decoder.advance(0, bit ? Interval{0, share} : Interval{share, kProbabilityOne - share});
        return bit;
    }
};

}  // namespace residua::entropy
