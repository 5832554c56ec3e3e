// The symbols of a tile on their way to the entropy coder, in coding order.
#pragma once

#include <algorithm>

#include "base/memory.h"
#include "entropy/rans.h"

namespace residua::entropy {

class SymbolList {
  public:
    // Memory for that many; more are taken when needed.
    SymbolList(Allocator& allocator, uint64_t expected)
        : allocator_(allocator), intervals_(allocator, expected), positions_(allocator, expected) {}

    std::span<const Interval> intervals() const { return intervals_.span().first(size_); }
    // As encode_symbols takes them.
    std::span<const uint8_t> positions() const { return positions_.span().first(size_); }

    void add(Interval interval, int position) {
        if (size_ == intervals_.size()) grow(1);
        intervals_[size_] = interval;
        positions_[size_++] = static_cast<uint8_t>(position);
    }
    // Symbols 0 … count − 1 of a group; the caller fills their intervals.
    Interval* add_group(int count) {
        const auto more = static_cast<size_t>(count);
        if (size_ + more > intervals_.size()) grow(more);
        for (size_t i = 0; i < more; ++i) positions_[size_ + i] = static_cast<uint8_t>(i);
        Interval* const added = intervals_.data() + size_;
        size_ += more;
        return added;
    }

  private:
    void grow(size_t more) {
        const uint64_t size = std::max<uint64_t>(size_ + more, size_ + size_ / 2);
        Buffer<Interval> intervals(allocator_, size);
        std::copy_n(intervals_.data(), size_, intervals.data());
        intervals_ = std::move(intervals);
        Buffer<uint8_t> positions(allocator_, size);
        std::copy_n(positions_.data(), size_, positions.data());
        positions_ = std::move(positions);
    }

    Allocator& allocator_;
    Buffer<Interval> intervals_;
    Buffer<uint8_t> positions_;
    size_t size_ = 0;
};

}  // namespace residua::entropy
