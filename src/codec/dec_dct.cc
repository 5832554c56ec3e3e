#include "codec/dec_dct.h"

#include <algorithm>

#include "dct/dec_coefficients.h"

namespace residua::codec {

namespace {

// One block's samples to their places in a channel, as far as they lie within.
void place_block(const int16_t* coefficients, const PlaneBlocks& blocks, int row, int column,
                 const MutablePictureView& to, int channel) {
    alignas(64) int32_t sums[kBlockSize];
    inverse_dct(coefficients, blocks.quant, sums);
    const int left = kBlockSide * column - blocks.offset_x, top = kBlockSide * row - blocks.offset_y;
    const int first_x = std::max(0, left), end_x = std::min(to.width, left + kBlockSide);
    const int first_y = std::max(0, top), end_y = std::min(to.height, top + kBlockSide);
    for (int y = first_y; y < end_y; ++y)
        for (int x = first_x; x < end_x; ++x)
            to.row(y)[static_cast<ptrdiff_t>(x) * to.channels + channel] =
                dct_sample(sums[kBlockSide * (y - top) + x - left]);
}

}  // namespace

void decode_dct_tile(const PlaneTransform& transform, const DctTile& tile, entropy::RansDecoder& decoder,
                     const MutablePictureView& planes, const MutablePictureView& chroma,
                     Allocator& allocator) {
    const auto& blocks = *transform.blocks;
    std::array<Buffer<int16_t>, 3> memory;
    std::array<dct::Component, 3> components;
    for (size_t p = 0; p < components.size(); ++p) {
        memory[p] = {allocator, tile.coefficients(p)};
        components[p] = {tile.columns[p].count, tile.rows[p].count, blocks[p].quant.data(), memory[p].data()};
    }
    dct::decode(decoder, components);
    for (size_t p = 0; p < components.size(); ++p) {
        const bool small = p > 0 && transform.smaller_chroma();
        const MutablePictureView& to = small ? chroma : planes;
        const int channel = static_cast<int>(small ? p - 1 : p);
        const int16_t* next = memory[p].data();
        for (int row = 0; row < tile.rows[p].count; ++row)
            for (int column = 0; column < tile.columns[p].count; ++column, next += kBlockSize)
                place_block(next, blocks[p], tile.rows[p].first + row, tile.columns[p].first + column, to,
                            channel);
    }
}

}  // namespace residua::codec
