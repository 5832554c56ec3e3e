// Writes decisions by annex D.1 of ISO/IEC 10918-1. What it leaves at the end is as short as it can be:
// D.1.8.
#pragma once

#include "jpeg/arithmetic.h"

namespace residua::jpeg {

// Sink: put(uint8_t), of the entropy-coded bytes, the zero bytes behind each FF among them.
template <class Sink>
class ArithmeticEncoder {
  public:
    static constexpr bool kReads = false;

    explicit ArithmeticEncoder(Sink& sink) : sink_(sink) {}

    bool decide(Bin& bin, bool value) {
        const uint32_t size = kEstimates[bin & 127].size;
        interval_ -= size;
        // The larger part is the lower one; where it is not that of the more probable symbol, they change
        // places.
        const bool more = more_probable(bin) == value;
        if (more && interval_ >= kHalfInterval) return value;
        if (more == (interval_ < size)) {
            low_ += interval_;
            interval_ = size;
        }
        more ? learn_more_probable(bin) : learn_less_probable(bin);
        do {
            interval_ <<= 1;
            low_ <<= 1;
            if (--missing_ == 0) {
                byte(low_ >> kSpacer);
                low_ &= (1u << kSpacer) - 1;
                missing_ = 8;
            }
        } while (interval_ < kHalfInterval);
        return value;
    }

    // Then it is as new.
    void finish() {
        // The number of the interval that ends with the most zeros.
        const uint32_t highest = (interval_ - 1 + low_) & 0xFFFF0000u;
        low_ = highest < low_ ? highest + 0x8000 : highest;
        low_ <<= missing_;
        byte(low_ >> kSpacer);
        byte(low_ >> (kSpacer - 8) & 0xFF);
        settle(0);
        interval_ = kWholeInterval;
        low_ = 0;
        missing_ = kFirstBits;
        zeros_ = 0;
    }

  private:
    static constexpr int kSpacer = 19;     // bits of `low_` below the next byte
    static constexpr int kFirstBits = 11;  // up to the first byte

    // Of eight bits, and a carry.
    void byte(uint32_t value) {
        if (value == 0xFF) {
            ++full_;
            return;
        }
        settle(value >> 8);
        last_ = static_cast<int>(value & 0xFF);
    }
    // What waits is as it is, or one more.
    void settle(uint32_t carry) {
        if (last_ >= 0) emit(static_cast<uint8_t>(static_cast<uint32_t>(last_) + carry));
        for (; full_ > 0; --full_) emit(carry ? 0 : 0xFF);
        last_ = -1;
    }
    // Zeros at the end are left out: D.1.8.
    void emit(uint8_t value) {
        if (value == 0) {
            ++zeros_;
            return;
        }
        for (; zeros_ > 0; --zeros_) sink_.put(0);
        sink_.put(value);
        if (value == 0xFF) sink_.put(0);
    }

    Sink& sink_;
    uint32_t interval_ = kWholeInterval, low_ = 0;
    int missing_ = kFirstBits;  // bits up to the next byte
    int last_ = -1;             // a byte that a carry may still change; −1: none
    uint64_t full_ = 0;         // bytes of FF behind it
    uint64_t zeros_ = 0;        // bytes of 0 that were given before all of them
};

}  // namespace residua::jpeg
