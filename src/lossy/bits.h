// Bits from the most significant one, with Exp-Golomb codes of order 0, as in HEVC's headers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace residua::lossy {

class BitReader {
  public:
    explicit BitReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    size_t remaining() const { return bytes_.size() * 8 - position_; }

    uint32_t u(int count) {  // count ≤ 32
        if (static_cast<size_t>(count) > remaining())
            throw Error(ErrorCode::kTruncated, "an HEVC header ends too early");
        uint32_t value = 0;
        for (int i = 0; i < count; ++i, ++position_)
            value = value << 1 | (bytes_[position_ / 8] >> (7 - position_ % 8) & 1u);
        return value;
    }
    bool flag() { return u(1) != 0; }

    uint32_t ue() {  // 0 … 2^32 − 2
        int zeros = 0;
        while (!flag())
            if (++zeros > 31) throw Error(ErrorCode::kCorrupt, "an HEVC header holds an invalid number");
        return (1u << zeros) - 1 + u(zeros);
    }

    // An Exp-Golomb number that must not exceed `highest`; `field` names it in the message.
    uint32_t ue_at_most(uint32_t highest, const char* field) {
        const uint32_t value = ue();
        if (value > highest)
            throw Error(ErrorCode::kCorrupt, std::string("the BPG stream has an impossible ") + field);
        return value;
    }

  private:
    std::span<const uint8_t> bytes_;
    size_t position_ = 0;  // in bits
};

class BitWriter {
  public:
    void u(int count, uint32_t value) {  // count ≤ 32
        for (int i = count - 1; i >= 0; --i, ++used_) {
            if (used_ % 8 == 0) bytes_.push_back(0);
            bytes_.back() = static_cast<uint8_t>(bytes_.back() | (value >> i & 1u) << (7 - used_ % 8));
        }
    }
    void flag(bool value) { u(1, value ? 1 : 0); }

    void ue(uint32_t value) {  // value < 2^32 − 1
        int length = 0;
        while ((uint64_t{value} + 1) >> (length + 1)) ++length;
        u(length, 0);
        u(length + 1, value + 1);
    }

    // What was written, zero bits added up to the byte boundary.
    const std::vector<uint8_t>& bytes() const { return bytes_; }

  private:
    std::vector<uint8_t> bytes_;
    size_t used_ = 0;  // in bits
};

}  // namespace residua::lossy
