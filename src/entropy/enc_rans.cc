#include "entropy/enc_rans.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/bytes.h"
#include "entropy/dec_rans.h"

namespace residua::entropy {

namespace {

// The positions of the symbols of one row, in coding order: groups of 16 pixels, in each all of channel 0,
// then 1, …
std::vector<uint8_t> positions_of_row(TileShape shape) {
    std::vector<uint8_t> order;
    order.reserve(static_cast<size_t>(shape.width) * static_cast<size_t>(shape.channels));
    for (int x = 0; x < shape.width; x += kGroupPixels)
        for (int c = 0; c < shape.channels; ++c)
            for (int j = 0; j < std::min(kGroupPixels, shape.width - x); ++j)
                order.push_back(static_cast<uint8_t>(j));
    return order;
}

int byte_length(uint64_t state) { return (static_cast<int>(std::bit_width(state)) + 7) / 8; }

void put_state(ByteWriter& writer, uint64_t state) {
    for (int i = 0; i < byte_length(state); ++i) writer.u8(static_cast<uint8_t>(state >> (8 * i)));
}

void check_shape(std::span<const Interval> intervals, TileShape shape) {
    if (shape.width < 1 || shape.height < 1 || shape.channels < 1 || intervals.size() != shape.symbols())
        throw Error(ErrorCode::kInvalidArgument, "the tile's size and its number of symbols disagree");
}

// Positions repeat.
std::vector<uint8_t> encode(std::span<const Interval> intervals, std::span<const uint8_t> positions,
                            int lanes) {
    if (lanes == 0) lanes = choose_lanes(intervals.size());
    if (lanes < 1 || lanes > kMaxLanes || !std::has_single_bit(static_cast<unsigned>(lanes)))
        throw Error(ErrorCode::kInvalidArgument, "the number of lanes must be 1, 2, 4, 8 or 16");
    uint64_t states[kMaxLanes];
    std::fill_n(states, lanes, rans_start(lanes));
    std::vector<uint32_t> words;  // last word of the stream first
    size_t i = intervals.size();
    while (i > 0) {
        for (size_t at = positions.size(); at-- > 0;) {
            const Interval interval = intervals[--i];
            uint64_t& state = states[positions[at] & (lanes - 1)];
            if (state >= static_cast<uint64_t>(interval.frequency) << (63 - kProbabilityBits)) {
                words.push_back(static_cast<uint32_t>(state));
                state >>= 32;
            }
            state = ((state / interval.frequency) << kProbabilityBits) + interval.start +
                    state % interval.frequency;
        }
    }
    ByteWriter writer;
    const int log2_lanes = std::countr_zero(static_cast<unsigned>(lanes));
    writer.u8(static_cast<uint8_t>(lanes == 1 ? byte_length(states[0]) << 3 : log2_lanes));
    for (int lane = 0; lane + 1 < lanes; lane += 2)
        writer.u8(static_cast<uint8_t>(byte_length(states[lane]) | byte_length(states[lane + 1]) << 4));
    for (int lane = 0; lane < lanes; ++lane) put_state(writer, states[lane]);
    writer.bytes.reserve(writer.bytes.size() + 4 * words.size());
    for (size_t word = words.size(); word-- > 0;) writer.u32(words[word]);
    return std::move(writer.bytes);
}

void verify(std::span<const uint8_t> stream, std::span<const Interval> intervals,
            std::span<const uint8_t> positions) {
    RansDecoder decoder(stream);
    for (size_t i = 0; i < intervals.size();) {
        for (const uint8_t position : positions) {
            const Interval interval = intervals[i++];
            const int lane = position & (decoder.lanes() - 1);
            if (decoder.slot(lane) - interval.start >= interval.frequency)
                throw Error(ErrorCode::kInternal,
                            "the entropy coder's proof failed; please report this picture");
            decoder.advance(lane, interval);
        }
    }
    decoder.finish();
}

}  // namespace

int choose_lanes(uint64_t symbols) {
    // 4 idle bytes per lane: below 0.1 % of the stream at
    // about 3 bits a symbol, and nothing at all with one lane.
    int lanes = 1;
    while (lanes < kMaxLanes && symbols >= uint64_t{16384} * static_cast<uint64_t>(lanes)) lanes *= 2;
    return lanes;
}

std::vector<uint8_t> encode_tile(std::span<const Interval> intervals, TileShape shape, int lanes) {
    check_shape(intervals, shape);
    return encode(intervals, positions_of_row(shape), lanes);
}

void verify_tile(std::span<const uint8_t> stream, std::span<const Interval> intervals, TileShape shape) {
    check_shape(intervals, shape);
    verify(stream, intervals, positions_of_row(shape));
}

std::vector<uint8_t> encode_symbols(std::span<const Interval> intervals, std::span<const uint8_t> positions,
                                    int lanes) {
    if (intervals.empty() || intervals.size() != positions.size())
        throw Error(ErrorCode::kInvalidArgument, "each symbol needs its position");
    return encode(intervals, positions, lanes);
}

void verify_symbols(std::span<const uint8_t> stream, std::span<const Interval> intervals,
                    std::span<const uint8_t> positions) {
    verify(stream, intervals, positions);
}

double code_length(std::span<const Interval> intervals) {
    double bits = 0;
    for (const Interval& interval : intervals) bits += kProbabilityBits - std::log2(interval.frequency);
    return bits;
}

}  // namespace residua::entropy
