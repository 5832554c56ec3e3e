// Memory for the planes that an HEVC library decodes into.
#pragma once

#include <cstdint>

#include "base/memory.h"
#include "lossy/hevc_sps.h"
#include "lossy/planes.h"

namespace residua::lossy {

// A stream may end before its picture does, with nothing wrong that a library would notice. The planes are
// filled with noise that is always the same, so that nobody sees what their memory held before, and that
// tells afterwards where nothing was decoded.
class HevcPlanes {
  public:
    // Throws kMemoryLimit, kOutOfMemory.
    HevcPlanes(const HevcFormat& format, Allocator& allocator);

    int count() const { return count_; }
    int stride() const { return stride_; }  // in samples
    int stride_bytes() const { return stride_ * sample_bytes_; }
    size_t plane_bytes() const { return plane_bytes_; }
    uint8_t* plane(int index) { return memory_.data() + static_cast<size_t>(index) * plane_bytes_; }

  private:
    int count_;
    int stride_, sample_bytes_;
    Buffer<uint8_t> memory_;
    size_t plane_bytes_;  // of what has its memory: no more than a size_t holds
};

// Whether every coding block of the picture has been decoded, which HevcPlanes held before. `block`: side of
// the smallest ones.
bool all_blocks_decoded(const PlanesView& planes, int block);

}  // namespace residua::lossy
