#include "planes/value_set.h"

#include "entropy/dec_bits.h"

namespace residua::codec {

namespace {

std::vector<uint16_t> parse_gaps(std::span<const uint8_t> stream, int first, int count, int levels) {
    entropy::RansDecoder decoder(stream);
    if (decoder.lanes() != 1) throw Error(ErrorCode::kCorrupt, "a set of values has several lanes");
    entropy::BitReader bits{decoder};
    GapCoder gaps;
    std::vector<uint16_t> values = {static_cast<uint16_t>(first)};
    for (int i = 1; i < count; ++i) {
        const uint32_t gap = gaps.code(bits, 0);
        if (gap >= static_cast<uint32_t>(levels - values.back()))
            throw Error(ErrorCode::kCorrupt, "a set of values leaves the range of samples");
        values.push_back(static_cast<uint16_t>(values.back() + gap));
    }
    decoder.finish();
    return values;
}

}  // namespace

ValueSet ValueSet::range(int first, int count) {
    ValueSet set;
    set.first_ = first;
    set.count_ = count;
    return set;
}

ValueSet ValueSet::of(std::vector<uint16_t> values) {
    ValueSet set;
    set.values_ = std::move(values);
    return set;
}

ValueSet ValueSet::parse(ByteReader& in, int levels) {
    const uint8_t form = in.u8();
    if (form > static_cast<uint8_t>(SetForm::kGaps))
        throw Error(ErrorCode::kUnsupported, "the file has a set of values of an unknown form");
    const auto first = static_cast<int>(in.varint_in(0, static_cast<uint64_t>(levels - 1), "value"));
    const auto count =
        static_cast<int>(in.varint_in(1, static_cast<uint64_t>(levels - first), "number of values"));
    if (form == static_cast<uint8_t>(SetForm::kRange)) return range(first, count);
    return of(parse_gaps(in.take(in.varint()), first, count, levels));
}

}  // namespace residua::codec
