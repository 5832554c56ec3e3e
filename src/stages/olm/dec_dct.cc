#include "stages/olm/dec_dct.h"

#include <algorithm>

#include "dct/dec_coefficients.h"

namespace residua::codec {

void decode_dct_tile(const PlaneTransform& transform, const DctTile& tile, entropy::RansDecoder& decoder,
                     const MutablePictureView& planes, const MutablePictureView& chroma, StageBits* bits,
                     Allocator& allocator) {
    const auto& blocks = *transform.blocks;
    std::array<Buffer<int16_t>, 3> memory;
    std::array<Buffer<uint32_t>, 3> length_memory;
    std::array<uint32_t*, 3> lengths = {};
    std::array<dct::Component, 3> components;
    for (size_t p = 0; p < tile.planes; ++p) {
        memory[p] = {allocator, tile.coefficients(p)};
        components[p] = {tile.columns[p].count, tile.rows[p].count, blocks[p].quant.data(),
                         memory[p].data(),      tile.across[p],     tile.down[p]};
        if (!bits) continue;
        length_memory[p] = {allocator, tile.coefficients(p) / kBlockSize};
        lengths[p] = length_memory[p].data();
    }
    {
        const Reservation working(allocator, tile.working_memory());
        const std::span<const dct::Component> coded = std::span(components).first(tile.planes);
        if (bits)
            dct::decode(decoder, coded, lengths);
        else
            dct::decode(decoder, coded);
    }
    for (size_t p = 0; p < tile.planes; ++p) {
        const bool small = p > 0 && transform.smaller_chroma();
        const MutablePictureView& to = small ? chroma : planes;
        const int channel = static_cast<int>(small ? p - 1 : p);
        const int before_x = small ? transform.chroma.before_x() : 0,
                  before_y = small ? transform.chroma.before_y() : 0;
        const int16_t* next = memory[p].data();
        const uint32_t* length = lengths[p];
        for (int row = 0; row < tile.rows[p].count; ++row)
            for (int column = 0; column < tile.columns[p].count; ++column, next += kBlockSize) {
                const int left = kBlockSide * (tile.columns[p].first + column) - blocks[p].offset_x;
                const int top = kBlockSide * (tile.rows[p].first + row) - blocks[p].offset_y;
                place_block(next, blocks[p].quant, left + before_x, top + before_y, to, channel);
                if (bits) note_plane(transform, static_cast<int>(p), left, top, kBlockSide, *length++, *bits);
            }
    }
}

}  // namespace residua::codec
