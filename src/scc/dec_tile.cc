#include "scc/dec_tile.h"

#include <algorithm>

#include "base/error.h"
#include "jpeg/coefficients/state.h"
#include "scc/kernels.h"

namespace residua::scc {

void decode_tile(std::span<const uint8_t> stream, const TileView& tile, Allocator& allocator,
                 const std::function<void(int)>& done) {
    TileMemory memory(tile, allocator);
    Work& work = memory.work();
    const Kernels& kernel = kernels(active_isa());
    // Up to eight bytes of zeros were left out at the end.
    jpeg::WordSource source{stream.data(), stream.data() + stream.size(), 0};
    kernel.begin_read(source, work);
    for (int y = 0; y < tile.height; y = work.end_row) {
        work.first_row = y;
        work.end_row = std::min(y + kRowsAtOnce, tile.height);
        kernel.read(source, jpeg::tables(), work);
        if (source.missing > 8) throw Error(ErrorCode::kTruncated, "a tile of the picture ends too early");
        done(work.end_row);
    }
    if (source.at != source.end)
        throw Error(ErrorCode::kCorrupt, "a tile of the picture has bytes after its end");
}

}  // namespace residua::scc
