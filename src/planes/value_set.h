// The values that occur in a plane of up to 65536. The plane holds their ranks: 0 for the lowest, and so on, so
// that values which never occur cost nothing. docs/format-deep.md defines the bytes.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "dct/probability.h"

namespace residua::codec {

class ValueSet {
  public:
    ValueSet() = default;
    // first … first + count − 1.
    static ValueSet range(int first, int count);
    // Ascending values, one at least.
    static ValueSet of(std::vector<uint16_t> values);

    int count() const { return values_.empty() ? count_ : static_cast<int>(values_.size()); }
    int first() const { return value(0); }
    bool is_range() const { return values_.empty(); }
    // rank: 0 … count() − 1.
    int value(int rank) const { return values_.empty() ? first_ + rank : values_[static_cast<size_t>(rank)]; }

    // Of a channel whose values lie below `levels`. Throws kCorrupt, kTruncated or kUnsupported.
    static ValueSet parse(ByteReader& in, int levels);

  private:
    int first_ = 0, count_ = 1;
    std::vector<uint16_t> values_;  // unless it is a range
};

enum class SetForm : uint8_t { kRange = 0, kGaps = 1 };

// Codes the gaps between ascending values, each 1 or more, with probabilities that adapt to the gaps before:
// regular ones cost next to nothing. Bits as in dct/decision.h: code(share, bit).
class GapCoder {
  public:
    template <typename Bits>
    uint32_t code(Bits& bits, uint32_t gap) {
        const uint32_t history = same_ & 7;
        const int same = dct::code_alone(bits, same_slots_[history], gap == last_);
        same_ = same_ << 1 | static_cast<uint32_t>(same);
        if (!same) last_ = different(bits, gap);
        return last_;
    }

  private:
    static constexpr int kMostBits = 17;

    // The gap's number of bits, then the bits below the highest.
    template <typename Bits>
    uint32_t different(Bits& bits, uint32_t gap) {
        const int wanted = std::bit_width(gap), context = std::bit_width(last_) * (kMostBits + 1);
        int size = 1;
        while (size < kMostBits &&
               dct::code_alone(bits, size_slots_[static_cast<size_t>(context + size)], wanted > size))
            ++size;
        uint32_t result = 1;
        for (int bit = size - 2; bit >= 0; --bit) {
            // The first bits see each other, later ones only their place.
            const auto node = static_cast<size_t>(result < 16 ? result : 16 + static_cast<uint32_t>(bit));
            const int one = dct::code_alone(bits, bit_slots_[static_cast<size_t>(size) * kNodes + node],
                                            static_cast<int>(gap >> bit & 1));
            result = result << 1 | static_cast<uint32_t>(one);
        }
        return result;
    }
    static constexpr size_t kNodes = 40;

    uint32_t last_ = 1, same_ = 0;
    std::vector<dct::Slot> same_slots_ = std::vector<dct::Slot>(8);
    std::vector<dct::Slot> size_slots_ = std::vector<dct::Slot>((kMostBits + 1) * (kMostBits + 1));
    std::vector<dct::Slot> bit_slots_ = std::vector<dct::Slot>((kMostBits + 1) * kNodes);
};

}  // namespace residua::codec
