// Reads decisions by annex D.2 of ISO/IEC 10918-1, up to the next marker or the end. Behind that it finds
// zeros.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "jpeg/arithmetic.h"

namespace residua::jpeg {

class ArithmeticDecoder {
  public:
    static constexpr bool kReads = true;

    ArithmeticDecoder(std::span<const uint8_t> bytes, size_t start)
        : at_(bytes.data() + start), begin_(bytes.data()), end_(bytes.data() + bytes.size()) {
        begin();
    }

    bool decide(Bin& bin, bool) {
        const uint32_t size = kEstimates[bin & 127].size;
        interval_ -= size;
        const bool lower = code_ >> 16 < interval_;
        if (lower && interval_ >= kHalfInterval) return more_probable(bin);
        // As in the encoder, the more probable symbol has the larger part.
        const bool more = lower == (interval_ >= size);
        if (!lower) {
            code_ -= interval_ << 16;
            interval_ = size;
        }
        const bool value = more_probable(bin) == more;
        more ? learn_more_probable(bin) : learn_less_probable(bin);
        do {
            if (bits_ == 0) {
                code_ |= uint32_t{next_byte()} << 8;
                bits_ = 8;
            }
            interval_ <<= 1;
            code_ <<= 1;
            --bits_;
        } while (interval_ < kHalfInterval);
        return value;
    }

    void set(int16_t& coefficient, int value) {
        changes_.emplace_back(&coefficient, coefficient);
        coefficient = static_cast<int16_t>(value);
    }
    // What was set since then is as it was; or stays.
    void undo() {
        for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
            *change->first = change->second;
        changes_.clear();
    }
    void keep() { changes_.clear(); }

    // Up to a marker or the end.
    bool all_read() const { return at_ == end_ || (*at_ == 0xFF && (end_ - at_ < 2 || at_[1] != 0)); }
    // The next byte that it has not read.
    size_t position() const { return static_cast<size_t>(at_ - begin_); }

    // Goes on at a place, as new.
    void move_to(size_t position) {
        at_ = begin_ + position;
        begin();
    }

  private:
    void begin() {
        interval_ = kWholeInterval;
        code_ = uint32_t{next_byte()} << 24;
        code_ |= uint32_t{next_byte()} << 16;
        bits_ = 0;
    }
    uint8_t next_byte() {
        if (all_read()) return 0;
        const uint8_t byte = *at_;
        at_ += byte == 0xFF ? 2 : 1;
        return byte;
    }

    const uint8_t *at_, *begin_, *end_;
    uint32_t interval_ = kWholeInterval, code_ = 0;
    int bits_ = 0;  // of the byte that was read last, not yet met
    std::vector<std::pair<int16_t*, int16_t>> changes_;
};

}  // namespace residua::jpeg
