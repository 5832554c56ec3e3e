#include "scc/enc_tile.h"

#include <algorithm>

#include "jpeg/coefficients/enc_output.h"
#include "jpeg/coefficients/state.h"
#include "scc/dec_tile.h"
#include "scc/kernels.h"

namespace residua::scc {

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
        kernel.write(output.sink, jpeg::tables(), work);
        done(work.end_row);
    }
    kernel.end_write(output.sink, work);
    return output.take();
}

}  // namespace residua::scc
