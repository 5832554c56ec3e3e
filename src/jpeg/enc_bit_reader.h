// Bits of a JPEG's entropy-coded data, up to the next marker or the end.
#pragma once

#include <cstdint>
#include <span>

#include "jpeg/huffman.h"

namespace residua::jpeg {

// Small: a copy is a place to come back to.
class BitReader {
  public:
    BitReader(std::span<const uint8_t> bytes, size_t start)
        : begin_(bytes.data()), at_(begin_ + start), end_(begin_ + bytes.size()) {}

    // At least 25 bits in the window, unless fewer are left.
    void fill() {
        while (count_ <= 56) {
            if (at_ == end_) return;
            const uint8_t byte = *at_;
            if (byte == 0xFF) {
                if (end_ - at_ < 2 || at_[1] != 0) return;
                ++at_;
            }
            ++at_;
            window_ |= uint64_t{byte} << (56 - count_);
            count_ += 8;
        }
    }
    int available() const { return count_; }
    // count 1 … 16; zeros behind the last bit.
    uint32_t peek(int count) const { return static_cast<uint32_t>(window_ >> (64 - count)); }
    // Not more than are available.
    void drop(int count) {
        window_ <<= count;
        count_ -= count;
    }
    // False: not so many are left. count 0 … 16.
    bool take(int count, uint32_t& value) {
        if (count_ < count) fill();
        if (count_ < count) return false;
        value = count == 0 ? 0 : peek(count);
        drop(count);
        return true;
    }

    // The rest of the byte that the next bit is in: how many bits, which ones.
    int rest() const { return count_ % 8; }
    uint8_t rest_bits() const { return rest() == 0 ? 0 : static_cast<uint8_t>(peek(rest())); }

    // Behind the byte that the last bit that was read is in.
    size_t byte_position() const {
        const uint8_t* at = at_;
        for (int whole = count_ / 8; whole > 0; --whole)
            at -= at[-1] == 0 && at - begin_ >= 2 && at[-2] == 0xFF ? 2 : 1;
        return static_cast<size_t>(at - begin_);
    }
    // Goes on at a place.
    void move_to(size_t position) {
        at_ = begin_ + position;
        window_ = 0;
        count_ = 0;
    }

  private:
    const uint8_t *begin_, *at_, *end_;
    uint64_t window_ = 0;  // the next bit is the highest
    int count_ = 0;
};

// Codes of up to kShort bits at a look.
class HuffmanReader {
  public:
    explicit HuffmanReader(const HuffmanTable& table) : symbols_(table.symbols) {
        uint32_t next = 0, symbol = 0;
        for (int bits = 1; bits <= 16; ++bits, next <<= 1) {
            const auto b = static_cast<size_t>(bits);
            first_code_[b] = next;
            first_symbol_[b] = symbol;
            for (int i = 0; i < table.counts[b]; ++i, ++next, ++symbol) {
                if (bits > kShort) continue;
                const uint32_t low = next << (kShort - bits), high = (next + 1) << (kShort - bits);
                for (uint32_t code = low; code < high; ++code)
                    shorts_[code] = static_cast<uint16_t>(bits << 8 | table.symbols[symbol]);
            }
            end_code_[b] = next;
        }
    }

    // False: the bits end, or are no code.
    bool read(BitReader& bits, int& symbol) const {
        if (bits.available() < 16) bits.fill();
        const uint16_t found = shorts_[bits.peek(kShort)];
        int length = found >> 8;
        symbol = found & 255;
        if (length == 0) {
            for (length = kShort + 1; length <= 16; ++length) {
                const uint32_t code = bits.peek(length);
                const auto b = static_cast<size_t>(length);
                if (code >= end_code_[b]) continue;
                symbol = symbols_[first_symbol_[b] + code - first_code_[b]];
                break;
            }
            if (length > 16) return false;
        }
        if (length > bits.available()) return false;
        bits.drop(length);
        return true;
    }

  private:
    static constexpr int kShort = 10;

    std::array<uint16_t, 1 << kShort> shorts_{};  // 256 · length + symbol; 0: longer, or no code
    std::array<uint32_t, 17> first_code_{}, end_code_{}, first_symbol_{};
    std::array<uint8_t, 256> symbols_;
};

}  // namespace residua::jpeg
