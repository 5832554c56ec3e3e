// The next byte's bits from the bytes before it, by mixing contexts. Encoder and decoder share it: Bits knows a
// bit or finds it (entropy/dec_bits.h). docs/format-bytes.md, 2.
#pragma once

#include <bit>
#include <span>

#include "dct/decision.h"

namespace residua::bytes {

class ByteModel {
  public:
    // size: how many bytes will be coded, at most. `beginning`: bytes that are learned from as if they had been
    // coded before; they must outlive this.
    ByteModel(uint64_t size, std::span<const uint8_t> beginning);

    // The byte behind `known`, which are all that code() and skip() have had. value: what the encoder has to
    // say.
    template <class Bits>
    uint8_t code(Bits& bits, std::span<const uint8_t> known, uint8_t value) {
        begin_byte(known);
        uint32_t node = 1;
        for (int i = 7; i >= 0; --i) {
            begin_bit(node);
            const int bit = decision_.code(bits, value >> i & 1);
            node = node << 1 | static_cast<uint32_t>(bit);
        }
        const auto byte = static_cast<uint8_t>(node);
        end_byte(byte);
        return byte;
    }

    // So many bytes follow that are not coded.
    void skip(size_t count) {
        place_ += count;
        match_length_ = 0;
    }

  private:
    static constexpr int kOrders = 6, kInputs = kOrders + 2, kSets = 3;
    static constexpr size_t kMinMatch = 5;
    static constexpr int kMatchLevels = 16;

    // What is learned from needs no coder.
    struct NoBits {
        int code(uint32_t, int bit) { return bit; }
    };

    void begin_byte(std::span<const uint8_t> known);
    void begin_bit(uint32_t node);
    void end_byte(uint8_t byte);
    void find_match();
    uint8_t before(size_t distance) const;  // 1: the last byte
    uint8_t at(size_t place) const {
        return place < beginning_.size() ? beginning_[place] : known_[place - beginning_.size()];
    }

    std::span<const uint8_t> beginning_, known_;
    std::vector<dct::SlotTable> orders_;
    std::array<uint32_t, kOrders> contexts_{};
    dct::SlotTable zero_, match_slots_;
    dct::Decision<kInputs, kSets> decision_;
    std::vector<uint32_t> places_;  // by hash of the last kMinMatch bytes: behind them, 0: nowhere
    size_t place_ = 0;              // of the next byte, counted from the beginning's first
    size_t match_ = 0, match_length_ = 0;
    int expected_ = 0;  // the match's byte, 256 added; 0: none
};

}  // namespace residua::bytes
