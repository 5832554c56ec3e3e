#include "bytes/enc_bytes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/bytes.h"
#include "bytes/byte_model.h"
#include "bytes/layout.h"
#include "entropy/enc_bits.h"
#include "entropy/enc_rans.h"

namespace residua::bytes {

namespace {

// A chunk whose bytes are so evenly spread holds what is compressed already.
constexpr double kEvenly = 7.9;
constexpr size_t kFewBytes = 4096;

bool is_compressed(std::span<const uint8_t> bytes) {
    if (bytes.size() < kFewBytes) return false;
    std::array<double, 256> counts{};
    for (const uint8_t byte : bytes) ++counts[byte];
    double bits = 0;
    for (const double count : counts)
        if (count > 0) bits -= count * std::log2(count / static_cast<double>(bytes.size()));
    return bits > kEvenly * static_cast<double>(bytes.size());
}

}  // namespace

std::vector<uint8_t> encode(std::span<const uint8_t> bytes, std::span<const uint8_t> beginning) {
    ByteWriter writer;
    writer.u8(static_cast<uint8_t>(Form::kMixed));
    ByteModel model(bytes.size(), beginning);
    std::vector<entropy::Interval> intervals;
    for (size_t at = 0; at < bytes.size(); at += kChunk) {
        const auto chunk = bytes.subspan(at, std::min(kChunk, bytes.size() - at));
        if (is_compressed(chunk)) {
            writer.u8(static_cast<uint8_t>(ChunkForm::kStored));
            writer.put(chunk);
            model.skip(chunk.size());
            continue;
        }
        intervals.clear();
        entropy::BitWriter bits{intervals};
        for (size_t i = 0; i < chunk.size(); ++i) model.code(bits, bytes.first(at + i), chunk[i]);
        const std::vector<uint8_t> positions(intervals.size());
        const std::vector<uint8_t> stream = entropy::encode_symbols(intervals, positions, 1);
        entropy::verify_symbols(stream, intervals, positions);
        writer.u8(static_cast<uint8_t>(ChunkForm::kMixed));
        writer.varint(stream.size());
        writer.put(stream);
    }
    if (writer.bytes.size() <= bytes.size()) return std::move(writer.bytes);
    ByteWriter stored;
    stored.u8(static_cast<uint8_t>(Form::kStored));
    stored.put(bytes);
    return std::move(stored.bytes);
}

}  // namespace residua::bytes
