#include "stages/olm/enc_dct_tiles.h"

#include <algorithm>

#include "dct/dec_coefficients.h"
#include "dct/enc_coefficients.h"
#include "entropy/enc_rans.h"
#include "stages/enc_stage.h"

namespace residua::codec {

namespace {

// A tile's coefficients of plane p, in one piece.
Buffer<int16_t> cut(const DctPlane& plane, const DctTile& tile, size_t p, Allocator& allocator) {
    Buffer<int16_t> out(allocator, tile.coefficients(p));
    const auto [first_column, columns] = tile.columns[p];
    int16_t* to = out.data();
    for (int row = 0; row < tile.rows[p].count; ++row, to += ptrdiff_t{columns} * kBlockSize)
        std::copy_n(plane.block(tile.rows[p].first + row, first_column), columns * kBlockSize, to);
    return out;
}

}  // namespace

std::vector<uint8_t> encode_dct_tile(const ForwardPlanes& forward, const DctTile& tile,
                                     Allocator& allocator) {
    std::array<Buffer<int16_t>, 3> memory, again;
    std::array<dct::ConstComponent, 3> components;
    std::array<dct::Component, 3> decoded;
    for (size_t p = 0; p < tile.planes; ++p) {
        memory[p] = cut(forward.blocks[p], tile, p, allocator);
        again[p] = {allocator, memory[p].size()};
        const int columns = tile.columns[p].count, rows = tile.rows[p].count;
        const uint16_t* steps = (*forward.transform.blocks)[p].quant.data();
        components[p] = {columns, rows, steps, memory[p].data(), tile.across[p], tile.down[p]};
        decoded[p] = {columns, rows, steps, again[p].data(), tile.across[p], tile.down[p]};
    }
    const Reservation working(allocator, tile.working_memory());
    std::vector<entropy::Interval> intervals;
    dct::encode(std::span(components).first(tile.planes), intervals);
    const Reservation symbols(allocator, intervals.capacity() * sizeof(entropy::Interval) + intervals.size());
    const std::vector<uint8_t> positions(intervals.size());
    std::vector<uint8_t> stream = entropy::encode_symbols(intervals, positions, 1);
    entropy::RansDecoder decoder(stream);
    dct::decode(decoder, std::span(decoded).first(tile.planes));
    decoder.finish();
    for (size_t p = 0; p < tile.planes; ++p)
        if (!std::ranges::equal(memory[p].span(), again[p].span())) proof_failed("the blocks' coefficients");
    return stream;
}

}  // namespace residua::codec
