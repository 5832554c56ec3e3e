// The rows of every node that are still needed, in ring buffers.
#pragma once

#include <vector>

#include "base/memory.h"
#include "nn/network.h"
#include "nn/schedule.h"

namespace residua::nn {

// Element (x, c) of a row lies at index x·step + c. 8-bit rows have columns of the byte zero_point on both
// sides, as many as the layers that read them reach beyond the picture.
struct Ring {
    ElementKind kind;
    int channels;
    int width, height;
    int capacity;
    ptrdiff_t step;         // elements: channels; for 8-bit kinds rounded up to kByteGroup
    ptrdiff_t pixel_bytes;  // step · element size
    ptrdiff_t left_bytes;   // padding left of column 0
    ptrdiff_t row_bytes;
    uint8_t* data = nullptr;
    const uint8_t* zero_row = nullptr;

    // Column 0 of a row inside the picture.
    uint8_t* row(int y) const { return data + y % capacity * row_bytes + left_bytes; }
    // The same, or a row of zeros above and below the picture.
    const uint8_t* padded_row(int y) const { return y < 0 || y >= height ? zero_row + left_bytes : row(y); }
    uint64_t bytes() const { return static_cast<uint64_t>(row_bytes) * static_cast<uint64_t>(capacity); }
};

// Layout without memory; `schedule` is left at its beginning.
std::vector<Ring> plan_rings(const Network& network, Schedule& schedule);

// Bytes that Rings allocates.
uint64_t ring_bytes(const std::vector<Ring>& rings);

class Rings {
  public:
    Rings(std::vector<Ring> plan, Allocator& allocator);
    const std::vector<Ring>& all() const { return rings_; }
    const Ring& operator[](int node) const { return rings_[static_cast<size_t>(node)]; }

  private:
    std::vector<Ring> rings_;
    Buffer<uint8_t> memory_;
};

}  // namespace residua::nn
