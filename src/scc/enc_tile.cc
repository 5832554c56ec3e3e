#include "scc/enc_tile.h"

#include <algorithm>

#include "jpeg/coefficients/enc_output.h"
#include "jpeg/coefficients/state.h"
#include "scc/dec_tile.h"
#include "scc/kernels.h"

namespace residua::scc {

namespace {

std::vector<uint8_t> packed(const TileView& tile) {
    std::vector<uint8_t> bytes = {static_cast<uint8_t>(Form::kPacked)};
    bytes.reserve(static_cast<size_t>(packed_bytes(tile)) + 1);
    const size_t samples = static_cast<size_t>(tile.width) * static_cast<size_t>(tile.channels);
    uint32_t held = 0;
    int bits = 0;
    for (int y = 0; y < tile.height; ++y) {
        const uint8_t* const row = tile.samples + y * tile.stride;
        for (size_t i = 0; i < samples; ++i) {
            held = held << tile.bits |
                   (tile.sample_bytes == 1 ? row[i] : reinterpret_cast<const uint16_t*>(row)[i]);
            for (bits += tile.bits; bits >= 8; bits -= 8)
                bytes.push_back(static_cast<uint8_t>(held >> (bits - 8)));
        }
    }
    if (bits > 0) bytes.push_back(static_cast<uint8_t>(held << (8 - bits)));
    return bytes;
}

}  // namespace

std::vector<uint8_t> encode_tile(const TileView& tile, Allocator& allocator,
                                 const std::function<void(int)>& done) {
    TileMemory memory(tile, allocator);
    Work& work = memory.work();
    const Kernels& kernel = kernels(active_isa());
    jpeg::Output output;
    kernel.begin_write(output.sink, work);
    for (int y = 0; y < tile.height; y = work.end_row) {
        work.first_row = y;
        work.end_row = std::min(y + kRowsAtOnce, tile.height);
        kernel.write[static_cast<int>(tile.effort)](output.sink, jpeg::tables(), work);
        done(work.end_row);
    }
    kernel.end_write(output.sink, work);
    std::vector<uint8_t> bytes = output.take();
    if (bytes.size() >= packed_bytes(tile)) return packed(tile);
    bytes.insert(bytes.begin(), static_cast<uint8_t>(Form::kCoded));
    return bytes;
}

}  // namespace residua::scc
