// The memory of one tile's coder.
#pragma once

#include <cstdlib>
#include <memory>
#include <vector>

#include "base/memory.h"
#include "image/picture.h"
#include "scc/model.h"

namespace residua::scc {

// A tile of a picture: its samples, interleaved, of so many bits.
struct TileView {
    uint8_t* samples;  // not written to by an encoder
    ptrdiff_t stride;  // bytes
    int width, height, channels, bits, sample_bytes;
    Effort effort;
};

class TileMemory {
  public:
    // Throws kMemoryLimit, kOutOfMemory. Memory that no decision comes to is never touched.
    TileMemory(const TileView& tile, Allocator& allocator);

    Work& work() { return work_; }

  private:
    struct Free {
        void operator()(void* p) const { std::free(p); }
    };
    template <class T>
    T* take(uint64_t count);
    struct Shape;
    void make(jpeg::Bank& bank, const Shape& shape);

    Allocator& allocator_;
    std::vector<std::unique_ptr<void, Free>> memory_;
    std::vector<std::unique_ptr<Reservation>> reserved_;
    Work work_{};
};

}  // namespace residua::scc
