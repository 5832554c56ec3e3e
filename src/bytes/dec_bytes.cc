#include "bytes/dec_bytes.h"

#include <algorithm>

#include "base/bytes.h"
#include "bytes/byte_model.h"
#include "bytes/layout.h"
#include "entropy/dec_bits.h"

namespace residua::bytes {

namespace {

[[noreturn]] void damaged() {
    throw Error(ErrorCode::kCorrupt, "the file is damaged: a string of bytes in it cannot be read");
}

}  // namespace

Buffer<uint8_t> decode(std::span<const uint8_t> stream, uint64_t size, std::span<const uint8_t> beginning,
                       Allocator& allocator) {
    ByteReader reader(stream, "string of bytes");
    const uint8_t form = reader.u8();
    if (form > static_cast<uint8_t>(Form::kMixed)) damaged();
    if (form == static_cast<uint8_t>(Form::kStored)) {
        const auto all = reader.take(size);
        if (!reader.at_end()) damaged();
        return copy(all, allocator);
    }
    Buffer<uint8_t> out(allocator, size);
    ByteModel model(size, beginning);
    for (uint64_t at = 0; at < size;) {
        const auto count = static_cast<size_t>(std::min<uint64_t>(kChunk, size - at));
        uint8_t* const to = out.data() + at;
        const uint8_t chunk = reader.u8();
        if (chunk == static_cast<uint8_t>(ChunkForm::kStored)) {
            const auto stored = reader.take(count);
            std::ranges::copy(stored, to);
            model.skip(stored.size());
        } else if (chunk == static_cast<uint8_t>(ChunkForm::kMixed)) {
            entropy::RansDecoder decoder(reader.take(reader.varint()));
            if (decoder.lanes() != 1) damaged();
            entropy::BitReader bits{decoder};
            for (size_t i = 0; i < count; ++i)
                to[i] = model.code(bits, {out.data(), static_cast<size_t>(at) + i}, 0);
            decoder.finish();
        } else {
            damaged();
        }
        at += count;
    }
    if (!reader.at_end()) damaged();
    return out;
}

}  // namespace residua::bytes
