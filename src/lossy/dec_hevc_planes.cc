#include "lossy/dec_hevc_planes.h"

#include <algorithm>

namespace residua::lossy {
namespace {

constexpr int kAlignment = 64;   // of rows, in samples
constexpr size_t kPadding = 64;  // vector code may read beyond the last sample

// Deblocking changes three samples beside the edges of a block that was decoded, on both sides: of one that
// was not, those at its right and lower end. With the 25 others of a block of eight, chance plays no part.
constexpr int kFilteredSamples = 3;
constexpr int kMostCompared = 8;  // along a side

// In the range of samples: libraries look things up by them.
template <typename Sample>
Sample untouched(int x, int y, int bit_depth) {
    uint32_t hash = static_cast<uint32_t>(y) * 0x9e3779b1u + static_cast<uint32_t>(x) * 0x85ebca6bu;
    hash ^= hash >> 15;
    hash *= 0x2c1b3c6du;
    hash ^= hash >> 12;
    hash *= 0x297a2d39u;
    return static_cast<Sample>(hash >> (32 - bit_depth));
}

template <typename Sample>
void fill(const HevcFormat& format, int stride, uint8_t* memory) {
    auto* samples = reinterpret_cast<Sample*>(memory);
    for (int y = 0; y < format.height; ++y, samples += stride)
        for (int x = 0; x < stride; ++x) samples[x] = untouched<Sample>(x, y, format.bit_depth);
}

template <typename Sample>
bool is_untouched(const PlanesView& planes, int left, int top, int side) {
    for (int y = top; y < top + side; ++y)
        for (int x = left; x < left + side; ++x)
            if (planes.row<Sample>(0, y)[x] != untouched<Sample>(x, y, planes.bit_depth)) return false;
    return true;
}

}  // namespace

HevcPlanes::HevcPlanes(const HevcFormat& format, Allocator& allocator)
    : count_(format.chroma_format == 0 ? 1 : 3),
      stride_((format.width + kAlignment - 1) / kAlignment * kAlignment),
      sample_bytes_(format.bit_depth > 8 ? 2 : 1),
      memory_(allocator, product(count_, stride_, sample_bytes_, format.height) + kPadding),
      plane_bytes_(static_cast<size_t>(product(stride_, sample_bytes_, format.height))) {
    for (int i = 0; i < count_; ++i) {
        if (format.bit_depth > 8)
            fill<uint16_t>(format, stride_, plane(i));
        else
            fill<uint8_t>(format, stride_, plane(i));
    }
}

// All planes of a block are decoded together: luma tells for all.
bool all_blocks_decoded(const PlanesView& planes, int block) {
    const int side = std::min(block, kMostCompared) - kFilteredSamples;
    for (int y = 0; y + block <= planes.height; y += block)
        for (int x = 0; x + block <= planes.width; x += block)
            if (planes.bit_depth > 8 ? is_untouched<uint16_t>(planes, x, y, side)
                                     : is_untouched<uint8_t>(planes, x, y, side))
                return false;
    return true;
}

}  // namespace residua::lossy
