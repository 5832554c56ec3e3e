// Bits of a JPEG's entropy-coded data, with the zero byte behind each 0xFF: ISO/IEC 10918-1, F.1.2.3.
#pragma once

#include <cstdint>
#include <span>

#include "base/error.h"

namespace residua::jpeg {

class ScanBits {
  public:
    // Writes into `to`, which must be filled exactly.
    explicit ScanBits(std::span<uint8_t> to) : at_(to.data()), end_(to.data() + to.size()) {}

    // The low `count` bits of `value`, 0 … 32; others must be 0.
    void put(uint32_t value, int count) {
        waiting_ = waiting_ << count | value;
        count_ += count;
        if (count_ >= 32) put_word();
    }
    // Fills the last byte with the low bits of `bits`.
    void pad(uint8_t bits) {
        const int missing = (8 - count_ % 8) % 8;
        put(bits & ((1u << missing) - 1), missing);
        flush();
    }
    // How many bits pad() would add.
    int missing() const { return (8 - count_ % 8) % 8; }
    // On a whole byte only: bytes as they are.
    void raw(std::span<const uint8_t> bytes) {
        flush();
        for (const uint8_t value : bytes) byte(value);
    }
    // On a whole byte only.
    void marker(uint8_t code) {
        flush();
        byte(0xFF);
        byte(code);
    }
    bool full() const { return at_ == end_; }

  private:
    void put_word() {
        count_ -= 32;
        const auto word = static_cast<uint32_t>(waiting_ >> count_);
        // Whether a byte may be 0xFF: whether adding one to each carries out of its highest bit.
        const bool stuffed = (word & ~(word + 0x01010101) & 0x80808080) != 0;
        if (stuffed || end_ - at_ < 4) {
            for (int shift = 24; shift >= 0; shift -= 8) coded(static_cast<uint8_t>(word >> shift));
            return;
        }
        for (int i = 0; i < 4; ++i) at_[i] = static_cast<uint8_t>(word >> (24 - 8 * i));
        at_ += 4;
    }
    void flush() {
        for (; count_ >= 8; count_ -= 8) coded(static_cast<uint8_t>(waiting_ >> (count_ - 8)));
    }
    void coded(uint8_t value) {
        byte(value);
        if (value == 0xFF) byte(0);
    }
    void byte(uint8_t value) {
        if (at_ == end_)
            throw Error(ErrorCode::kCorrupt, "the file is damaged: a JPEG's scan is longer than it says");
        *at_++ = value;
    }

    uint8_t *at_, *end_;
    uint64_t waiting_ = 0;
    int count_ = 0;
};

}  // namespace residua::jpeg
