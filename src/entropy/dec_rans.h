// Reads one tile's rANS stream.
#pragma once

#include <cstring>
#include <span>

#include "entropy/rans.h"

namespace residua::entropy {

// The stream must outlive the decoder. Never reads outside it.
class RansDecoder {
  public:
    explicit RansDecoder(std::span<const uint8_t> stream);  // throws kTruncated or kCorrupt

    int lanes() const { return lanes_; }
    // Before the symbols of mixtures, of which there will be so many. With one lane the words may end before
    // the symbols do, and nothing is wrong until the last of them: throws kCorrupt where that would be long
    // work for nothing.
    void expect_symbols(uint64_t symbols) const;

    uint32_t slot(int lane) const { return static_cast<uint32_t>(state_[lane]) & (kProbabilityOne - 1); }

    // `interval` must hold slot(lane). Throws kTruncated when a word is missing.
    void advance(int lane, Interval interval) {
        uint64_t state = state_[lane];
        const uint32_t offset = (static_cast<uint32_t>(state) & (kProbabilityOne - 1)) - interval.start;
        state = interval.frequency * (state >> kProbabilityBits) + offset;
        if (state < kRansLow) {
            if (next_ != end_) {
                uint32_t word = 0;
                for (int i = 0; i < 4; ++i) word |= static_cast<uint32_t>(next_[i]) << (8 * i);
                state = state << 32 | word;
                next_ += 4;
            } else if (lanes_ > 1) {
                throw_truncated();
            }
        }
        state_[lane] = state;
    }

    // After the last symbol: throws kCorrupt unless all words are used and every state is back at its start.
    void finish() const;

  private:
    [[noreturn]] static void throw_truncated();

    uint64_t state_[kMaxLanes] = {};
    const uint8_t* next_ = nullptr;
    const uint8_t* end_ = nullptr;
    int lanes_ = 0;
};

}  // namespace residua::entropy
