// Samples of smaller chroma beyond those that a picture has the nearest pixels of: the filter that made the
// picture's outermost pixels saw them, where the picture is a part of a larger one. docs/format-planes.md, 5.1.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/memory.h"
#include "dct/probability.h"
#include "planes/chroma_upsampling.h"
#include "planes/dct_plane.h"

namespace residua::codec {

// Where the blocks of a plane lie, and their steps: as DctPlane has them.
struct PlaneBlocks {
    int offset_x = 0, offset_y = 0;
    QuantTable quant = {};

    friend bool operator==(const PlaneBlocks&, const PlaneBlocks&) = default;
};

// visit(x, y, is_first) for each sample of the border that no block has, by its place among all samples: line
// by line, the first row (with the corners), the last one, the first column, the last one. is_first: of a
// line. blocks: those of the plane, or null.
template <typename Visit>
void visit_border(const ChromaGrid& grid, int picture_width, int picture_height, const PlaneBlocks* blocks,
                  const Visit& visit) {
    const ChromaGrid inner = grid.inner();
    const int width = grid.width(picture_width), height = grid.height(picture_height);
    const auto ends_in_block = [](int size, int offset) { return (size + offset) % kBlockSide != 0; };
    const bool left = grid.before_x() && !(blocks && blocks->offset_x > 0),
               above = grid.before_y() && !(blocks && blocks->offset_y > 0),
               right =
                   grid.more_x && !(blocks && ends_in_block(inner.width(picture_width), blocks->offset_x)),
               below =
                   grid.more_y && !(blocks && ends_in_block(inner.height(picture_height), blocks->offset_y));
    const auto row = [&](int y) {
        for (int x = 0; x < width; ++x) visit(x, y, x == 0);
    };
    const auto column = [&](int x) {
        for (int y = above; y < height - below; ++y) visit(x, y, y == above);
    };
    if (above) row(0);
    if (below) row(height - 1);
    if (left) column(0);
    if (right) column(width - 1);
}

// Codes such samples, each by what it differs from the one before in its line.
class BorderCoder {
  public:
    template <typename Bits>
    uint8_t code(Bits& bits, int component, bool is_first, uint8_t sample) {
        if (is_first) {
            last_ = 128;
            size_ = 8;
        }
        const auto more = static_cast<uint8_t>(sample - last_);
        const size_t magnitude = more < 128 ? more : size_t{256} - more;
        const auto wanted = static_cast<size_t>(std::bit_width(magnitude));
        dct::Slot* own = &slots_[(static_cast<size_t>(component) * 9 + size_) * kNodes];
        size_t size = 0;
        while (size < 8 && decide(bits, own[size], wanted > size)) ++size;
        size_t result = size > 0 ? 1 : 0;
        for (size_t bit = size; bit-- > 1;)
            result = result << 1 | static_cast<size_t>(decide(bits, own[8 + (result < 8 ? result : 8)],
                                                              magnitude >> (bit - 1) & 1));
        const bool negative = size > 0 && decide(bits, own[kNodes - 1], more >= 128);
        size_ = size;
        return last_ = static_cast<uint8_t>(negative ? last_ - result : last_ + result);
    }

  private:
    static constexpr size_t kNodes = 20;

    template <typename Bits>
    static int decide(Bits& bits, dct::Slot& slot, int bit) {
        constexpr uint32_t kLeastShare = 64;
        const uint32_t share =
            std::clamp(slot.probability() >> 2, kLeastShare, (uint32_t{1} << 20) - kLeastShare);
        bit = bits.code(share, bit);
        slot.update(bit);
        return bit;
    }

    uint8_t last_ = 128;
    size_t size_ = 8;
    std::vector<dct::Slot> slots_ = std::vector<dct::Slot>(2 * 9 * kNodes);
};

}  // namespace residua::codec
