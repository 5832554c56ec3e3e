// Bounded reading and appending of little-endian bytes. Every read checks first and throws kTruncated, so
// that parsers of untrusted files need no bounds checks of their own.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace residua {

class ByteReader {
  public:
    // `what` names the structure in error messages ("container", "model file"). It must outlive the reader.
    ByteReader(std::span<const uint8_t> bytes, const char* what) : bytes_(bytes), what_(what) {}

    std::span<const uint8_t> all() const { return bytes_; }
    size_t position() const { return position_; }
    size_t remaining() const { return bytes_.size() - position_; }
    bool at_end() const { return remaining() == 0; }

    std::span<const uint8_t> take(uint64_t count) {
        if (count > remaining())
            throw Error(ErrorCode::kTruncated, std::string("the ") + what_ + " ends too early");
        auto part = bytes_.subspan(position_, static_cast<size_t>(count));
        position_ += static_cast<size_t>(count);
        return part;
    }
    uint8_t u8() { return take(1)[0]; }
    uint16_t u16() { return static_cast<uint16_t>(little_endian(2)); }
    uint32_t u32() { return static_cast<uint32_t>(little_endian(4)); }
    uint64_t u64() { return little_endian(8); }
    int8_t i8() { return static_cast<int8_t>(u8()); }
    int16_t i16() { return static_cast<int16_t>(u16()); }
    int32_t i32() { return static_cast<int32_t>(u32()); }

    // LEB128: 7 bits a byte, low group first, at most 10 bytes, shortest form only.
    uint64_t varint() {
        uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const uint8_t byte = u8();
            if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0)) break;
            value |= static_cast<uint64_t>(byte & 0x7f) << shift;
            if (!(byte & 0x80)) return value;
        }
        throw Error(ErrorCode::kCorrupt, std::string("the ") + what_ + " holds an invalid number");
    }

    // A varint that must lie in [low, high]; `field` names it in the message.
    uint64_t varint_in(uint64_t low, uint64_t high, const char* field) {
        const uint64_t value = varint();
        if (value < low || value > high)
            throw Error(ErrorCode::kCorrupt, std::string("the ") + what_ + " has an impossible " + field +
                                                 " (" + std::to_string(value) + ")");
        return value;
    }

  private:
    uint64_t little_endian(int count) {
        auto part = take(static_cast<uint64_t>(count));
        uint64_t value = 0;
        for (int i = 0; i < count; ++i)
            value |= static_cast<uint64_t>(part[static_cast<size_t>(i)]) << (8 * i);
        return value;
    }

    std::span<const uint8_t> bytes_;
    const char* what_;
    size_t position_ = 0;
};

class ByteWriter {
  public:
    std::vector<uint8_t> bytes;

    void put(std::span<const uint8_t> part) { bytes.insert(bytes.end(), part.begin(), part.end()); }
    void u8(uint8_t value) { bytes.push_back(value); }
    void u16(uint16_t value) { little_endian(value, 2); }
    void u32(uint32_t value) { little_endian(value, 4); }
    void u64(uint64_t value) { little_endian(value, 8); }
    void i16(int16_t value) { u16(static_cast<uint16_t>(value)); }
    void i32(int32_t value) { u32(static_cast<uint32_t>(value)); }
    void varint(uint64_t value) {
        for (; value >= 0x80; value >>= 7) u8(static_cast<uint8_t>(value | 0x80));
        u8(static_cast<uint8_t>(value));
    }

  private:
    void little_endian(uint64_t value, int count) {
        for (int i = 0; i < count; ++i) u8(static_cast<uint8_t>(value >> (8 * i)));
    }
};

}  // namespace residua
