#include "planes/enc_chroma_border.h"

#include <vector>

#include "entropy/enc_bits.h"
#include "entropy/enc_rans.h"

namespace residua::codec {

void take_border(const Picture& chroma, PlaneTransform& transform, Allocator& allocator) {
    std::vector<uint8_t> samples;
    for (size_t c = 0; c < 2; ++c)
        visit_border(
            transform.chroma, transform.width, transform.height, transform.chroma_blocks(c + 1),
            [&](int x, int y, bool) { samples.push_back(chroma.row(y)[2 * static_cast<size_t>(x) + c]); });
    if (samples.empty()) return;
    transform.border = {allocator, samples.size()};
    std::ranges::copy(samples, transform.border.data());
}

void write_border(const PlaneTransform& transform, ByteWriter& out) {
    if (transform.border.size() == 0) return;
    std::vector<entropy::Interval> intervals;
    entropy::BitWriter bits{intervals};
    BorderCoder coder;
    size_t next = 0;
    for (int c = 0; c < 2; ++c)
        visit_border(transform.chroma, transform.width, transform.height,
                     transform.chroma_blocks(static_cast<size_t>(c) + 1), [&](int, int, bool is_first) {
                         coder.code(bits, c, is_first, transform.border[next++]);
                     });
    const std::vector<uint8_t> positions(intervals.size(), 0);
    const std::vector<uint8_t> stream = entropy::encode_symbols(intervals, positions, 1);
    out.varint(stream.size());
    out.put(stream);
}

}  // namespace residua::codec
