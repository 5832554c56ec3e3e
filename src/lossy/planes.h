// Planar samples between the colour conversion and the HEVC libraries.
#pragma once

#include <cstddef>
#include <cstdint>

namespace residua::lossy {

// Samples are uint8_t for 8 bits, uint16_t above. All planes have the same size (4:0:0 or 4:4:4).
struct PlanesView {
    const void* plane[3] = {};
    ptrdiff_t stride[3] = {};  // bytes from one row to the next
    int count = 0;             // 1 or 3
    int width = 0;
    int height = 0;
    int bit_depth = 8;

    template <typename Sample>
    const Sample* row(int index, int y) const {
        return reinterpret_cast<const Sample*>(static_cast<const uint8_t*>(plane[index]) + y * stride[index]);
    }
};

}  // namespace residua::lossy
