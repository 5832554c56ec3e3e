#include "planes/enc_value_set.h"

#include "entropy/enc_bits.h"
#include "entropy/enc_rans.h"

namespace residua::codec {

void write_value_set(const ValueSet& set, ByteWriter& out) {
    const bool range = set.is_range() || set.count() == 1;
    out.u8(static_cast<uint8_t>(range ? SetForm::kRange : SetForm::kGaps));
    out.varint(static_cast<uint64_t>(set.first()));
    out.varint(static_cast<uint64_t>(set.count()));
    if (range) return;
    std::vector<entropy::Interval> intervals;
    entropy::BitWriter bits{intervals};
    GapCoder gaps;
    for (int rank = 1; rank < set.count(); ++rank)
        gaps.code(bits, static_cast<uint32_t>(set.value(rank) - set.value(rank - 1)));
    const std::vector<uint8_t> positions(intervals.size(), 0);
    const std::vector<uint8_t> stream = entropy::encode_symbols(intervals, positions, 1);
    out.varint(stream.size());
    out.put(stream);
}

}  // namespace residua::codec
