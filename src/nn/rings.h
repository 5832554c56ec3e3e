// The rows of every node that are still needed. A row that nothing needs any more gives its memory to the
// next row of the same length, of whatever node: it is most likely still in a near cache.
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
    int capacity = 0;       // rows that are needed at the same time; 0 for what stays within a group
    ptrdiff_t step;         // elements, see pixel_step()
    ptrdiff_t pixel_bytes;  // step · element size
    ptrdiff_t left_bytes;   // padding left of column 0
    ptrdiff_t row_bytes;
    int size_class = 0;
    uint8_t** rows = nullptr;  // [y mod capacity]
    const uint8_t* zero_row = nullptr;

    // Column 0 of a row inside the picture.
    uint8_t* row(int y) const { return rows[y % capacity] + left_bytes; }
    // The same, or a row of zeros above and below the picture.
    const uint8_t* padded_row(int y) const { return y < 0 || y >= height ? zero_row + left_bytes : row(y); }
};

// Rows of one length.
struct SizeClass {
    ptrdiff_t row_bytes;
    int rows;  // that are needed at the same time
};

struct RingPlan {
    std::vector<Ring> rings;  // [node], without memory
    std::vector<SizeClass> classes;

    ptrdiff_t longest_row() const;
    uint64_t bytes() const;  // that Rings allocates
};
// Throws kMemoryLimit for rows that are longer than this machine can address.
RingPlan plan_rings(const Network& network, Schedule& schedule);

class Rings {
  public:
    Rings(RingPlan plan, Allocator& allocator);
    const Ring& operator[](int node) const { return plan_.rings[static_cast<size_t>(node)]; }

    // No row is in use.
    void restart();
    // Memory for rows [first, end) of a node, its columns outside the picture filled.
    void take(int node, int first, int end);
    void release(int node, int first, int end);

  private:
    RingPlan plan_;
    Buffer<uint8_t> memory_;
    std::vector<uint8_t*> class_memory_;       // [class]
    std::vector<std::vector<uint8_t*>> free_;  // [class], the row that was released last at the end
};

}  // namespace residua::nn
