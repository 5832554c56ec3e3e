// Codes rows of symbols that are all equally likely: what is known of L3C's
// coarsest scale before it is read. Symbol low + i of the `levels` symbols
// has the share [floor(i · 2^20 / levels), floor((i + 1) · 2^20 / levels)).
#pragma once

#include <cstdint>

#include "entropy/dec_rans.h"
#include "entropy/rans.h"

namespace residua::entropy {

// The order of symbols and lanes is that of MixtureCoder:
// groups of 16 pixels; in each all of channel 0, then 1, …
class UniformCoder {
  public:
    // levels 1 … 1024, low such that all symbols lie within −512 … 511, channels 1 … kMaxChannels
    // (kInvalidArgument).
    UniformCoder(int low, int levels, int channels);

    // What the rANS encoder needs for a row: values at [x][c], pixels · channels intervals in coding order. A
    // value outside low … low + levels − 1: kInvalidArgument.
    void intervals(int pixels, const int16_t* values, Interval* out) const;

    // Reads the row that follows in the stream. lengths: as MixtureCoder has them.
    void decode_row(RansDecoder& decoder, int pixels, int16_t* values, uint32_t* lengths = nullptr) const;

  private:
    Interval interval(uint32_t index) const;

    int low_;
    uint32_t levels_;
    int channels_;
};

}  // namespace residua::entropy
