#include "entropy/dec_rans.h"

#include "base/bytes.h"

namespace residua::entropy {

namespace {

[[noreturn]] void corrupt() { throw Error(ErrorCode::kCorrupt, "an entropy-coded tile is corrupt"); }

uint64_t read_state(ByteReader& reader, int bytes, int lanes) {
    uint64_t state = 0;
    for (int i = 0; i < bytes; ++i) state |= static_cast<uint64_t>(reader.u8()) << (8 * i);
    const bool shortest = bytes == 0 || (state >> (8 * (bytes - 1))) != 0;
    if (!shortest || state >> 63 || (lanes > 1 && state < kRansLow)) corrupt();
    return state;
}

}  // namespace

RansDecoder::RansDecoder(std::span<const uint8_t> stream) {
    ByteReader reader(stream, "entropy-coded tile");
    const uint8_t header = reader.u8();
    const int log2_lanes = header & 7;
    const int first_bytes = header >> 3;
    if (log2_lanes > 4 || first_bytes > 8 || (log2_lanes > 0 && first_bytes != 0)) corrupt();
    lanes_ = 1 << log2_lanes;
    if (lanes_ == 1) {
        state_[0] = read_state(reader, first_bytes, 1);
    } else {
        const auto sizes = reader.take(static_cast<uint64_t>(lanes_ / 2));
        for (int lane = 0; lane < lanes_; ++lane) {
            const int bytes = (sizes[lane / 2] >> (lane % 2 * 4)) & 15;
            if (bytes < 4 || bytes > 8) corrupt();
            state_[lane] = read_state(reader, bytes, lanes_);
        }
    }
    if (reader.remaining() % 4 != 0) corrupt();
    const auto words = reader.take(reader.remaining());
    next_ = words.data();
    end_ = next_ + words.size();
}

void RansDecoder::expect_symbols(uint64_t symbols) const {
    if (lanes_ == 1 && symbols > kMostSymbolsOfOneLane) corrupt();
}

void RansDecoder::finish() const {
    if (next_ != end_) corrupt();
    for (int lane = 0; lane < lanes_; ++lane)
        if (state_[lane] != rans_start(lanes_)) corrupt();
}

void RansDecoder::throw_truncated() {
    throw Error(ErrorCode::kTruncated, "an entropy-coded tile ends too early");
}

}  // namespace residua::entropy
