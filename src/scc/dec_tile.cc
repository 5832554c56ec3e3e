#include "scc/dec_tile.h"

#include <algorithm>

#include "base/error.h"
#include "entropy/code_length.h"
#include "jpeg/coefficients/state.h"
#include "scc/kernels.h"

namespace residua::scc {

namespace {

uint16_t* as_words(uint8_t* row) { return reinterpret_cast<uint16_t*>(row); }

void unpack(std::span<const uint8_t> bytes, const TileView& tile) {
    if (bytes.size() != packed_bytes(tile))
        throw Error(ErrorCode::kCorrupt, "a tile of the picture has another number of samples");
    const size_t samples = static_cast<size_t>(tile.width) * static_cast<size_t>(tile.channels);
    uint32_t held = 0;
    int bits = 0;
    size_t at = 0;
    for (int y = 0; y < tile.height; ++y) {
        uint8_t* const row = tile.samples + y * tile.stride;
        for (size_t i = 0; i < samples; ++i) {
            for (; bits < tile.bits; bits += 8) held = held << 8 | bytes[at++];
            bits -= tile.bits;
            const uint32_t sample = held >> bits & ((1u << tile.bits) - 1);
            if (tile.sample_bytes == 1)
                row[i] = static_cast<uint8_t>(sample);
            else
                as_words(row)[i] = static_cast<uint16_t>(sample);
        }
    }
    if ((held & ((1u << bits) - 1)) != 0)
        throw Error(ErrorCode::kCorrupt, "a tile of the picture has bits behind its samples");
}

}  // namespace

uint64_t packed_bytes(const TileView& tile) {
    const uint64_t bits = product(tile.width, tile.height, tile.channels, tile.bits);
    return bits / 8 + (bits % 8 != 0);
}

void decode_tile(std::span<const uint8_t> stream, const TileView& tile, Allocator& allocator,
                 const std::function<void(int)>& done, uint32_t* lengths) {
    if (stream.empty()) throw Error(ErrorCode::kTruncated, "a tile of the picture has no bytes");
    const auto form = static_cast<Form>(stream[0]);
    stream = stream.subspan(1);
    const size_t pixels = static_cast<size_t>(tile.width) * static_cast<size_t>(tile.height);
    if (form == Form::kPacked) {
        if (lengths)
            std::fill_n(lengths, pixels,
                        static_cast<uint32_t>(tile.channels * tile.bits) << entropy::kBitUnitsLog2);
        return unpack(stream, tile);
    }
    if (form != Form::kCoded)
        throw Error(ErrorCode::kUnsupported, "a tile of the picture needs a later version of Residua");
    TileMemory memory(tile, allocator);
    Work& work = memory.work();
    const Kernels& kernel = kernels(active_isa());
    const auto effort = static_cast<size_t>(tile.effort);
    const auto read = lengths ? kernel.read_noted[effort] : kernel.read[effort];
    work.lengths = lengths;
    work.length = entropy::code_length_units;
    if (lengths) std::fill_n(lengths, pixels, 0u);
    // Up to eight bytes of zeros were left out at the end.
    jpeg::WordSource source{stream.data(), stream.data() + stream.size(), 0};
    kernel.begin_read(source, work);
    for (int y = 0; y < tile.height; y = work.end_row) {
        work.first_row = y;
        work.end_row = std::min(y + kRowsAtOnce, tile.height);
        read(source, jpeg::tables(), work);
        if (source.missing > 8) throw Error(ErrorCode::kTruncated, "a tile of the picture ends too early");
        done(work.end_row);
    }
    if (source.at != source.end)
        throw Error(ErrorCode::kCorrupt, "a tile of the picture has bytes after its end");
}

}  // namespace residua::scc
