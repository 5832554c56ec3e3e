// Bytes that come in order: from memory, or from a function that reads a pipe or a file piece by piece.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>

#include "base/memory.h"

namespace residua {

// Bytes with the memory that they lie in; none, where they lie in the caller's.
struct Bytes {
    std::span<const uint8_t> span;
    Buffer<uint8_t> memory;
};

class ByteInput {
  public:
    virtual ~ByteInput() = default;

    // The next `count` bytes, fewer only where the input ends. `before`: bytes that were taken last and shall
    // stand before these, for readers that looked at the beginning first.
    virtual Bytes take_up_to(uint64_t count, std::span<const uint8_t> before = {}) = 0;

    // The next `count` bytes. Throws kTruncated when there are fewer.
    Bytes take(uint64_t count) {
        Bytes bytes = take_up_to(count);
        if (bytes.span.size() != count) throw Error(ErrorCode::kTruncated, "the file ends too early");
        return bytes;
    }
    bool at_end() { return take_up_to(1).span.empty(); }  // takes a byte where there is one
};

class MemoryInput : public ByteInput {
  public:
    explicit MemoryInput(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    Bytes take_up_to(uint64_t count, std::span<const uint8_t> before = {}) override {
        const size_t start = position_ - before.size();
        position_ += static_cast<size_t>(std::min<uint64_t>(count, bytes_.size() - position_));
        return {bytes_.subspan(start, position_ - start), {}};
    }

  private:
    std::span<const uint8_t> bytes_;
    size_t position_ = 0;
};

class FunctionInput : public ByteInput {
  public:
    // Fills up to `size` bytes and returns how many; 0 at the end.
    using Read = std::function<size_t(uint8_t* data, size_t size)>;

    // expected: how many bytes will come, as far as that is known. Only for them memory is taken before they
    // are there: a length that a file gives is no reason to.
    FunctionInput(Read read, uint64_t expected, Allocator& allocator)
        : read_(std::move(read)), expected_(expected), allocator_(allocator) {}

    Bytes take_up_to(uint64_t count, std::span<const uint8_t> before = {}) override {
        const uint64_t known = expected_ > taken_ ? expected_ - taken_ : 0;
        // Cut, so that the sum cannot wrap: Buffer refuses what is too large.
        const uint64_t first = std::min({count, std::max<uint64_t>(known, kFirstStep), UINT64_MAX / 2});
        Buffer<uint8_t> memory(allocator_, before.size() + first);
        if (!before.empty()) std::memcpy(memory.data(), before.data(), before.size());
        size_t size = before.size();
        for (uint64_t left = count; left > 0;) {
            uint8_t beyond[256];  // where the memory is full it may be all: no larger one to see that
            const bool full = size == memory.size();
            const size_t got =
                full ? read_(beyond, static_cast<size_t>(std::min<uint64_t>(left, sizeof beyond)))
                     : read_(memory.data() + size, memory.size() - size);
            if (got == 0) break;
            if (full) {
                const uint64_t more = std::max<uint64_t>({size, kFirstStep, got});
                Buffer<uint8_t> larger(allocator_, size + std::min(left, more));
                std::memcpy(larger.data(), memory.data(), size);
                std::memcpy(larger.data() + size, beyond, got);
                memory = std::move(larger);
            }
            size += got;
            left -= got;
            taken_ += got;
        }
        const std::span<const uint8_t> span = memory.span().first(size);
        return {span, std::move(memory)};
    }

  private:
    static constexpr uint64_t kFirstStep = uint64_t{1} << 20;

    Read read_;
    uint64_t expected_, taken_ = 0;
    Allocator& allocator_;
};

}  // namespace residua
