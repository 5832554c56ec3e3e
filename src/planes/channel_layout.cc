#include "planes/channel_layout.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace residua::codec {

namespace {

constexpr int kRowsAtOnce = 16;

[[noreturn]] void corrupt(const char* what) {
    throw Error(ErrorCode::kCorrupt, std::string("the file's channels have ") + what);
}

ChannelSource parse_source(ByteReader& in, int channel, int levels) {
    const int from = in.u8();
    if (from == 0) return {};
    if (from == 1)
        return {ChannelSource::From::kConstant,
                static_cast<int>(in.varint_in(0, static_cast<uint64_t>(levels - 1), "constant"))};
    if (from - 2 >= channel) corrupt("a channel that is as a later one");
    return {ChannelSource::From::kChannel, from - 2};
}

std::array<Alphabet, 3> parse_alphabets(ByteReader& in, int count) {
    std::array<Alphabet, 3> alphabets;
    for (int p = 0; p < count; ++p) {
        Alphabet& alphabet = alphabets[static_cast<size_t>(p)];
        alphabet.lowest = -static_cast<int>(in.u8());
        alphabet.highest = in.u8();
        if (alphabet.lowest < kSampleSymbols.lowest || alphabet.highest > kSampleSymbols.highest)
            corrupt("symbols outside the range of pixels");
    }
    return alphabets;
}

// Even numbers count up from 0, odd ones down from −1.
int parse_apart(ByteReader& in) {
    const auto number = static_cast<int>(in.varint_in(0, 2 * kMostApart, "distance of planes"));
    return number % 2 == 0 ? number / 2 : -(number + 1) / 2;
}

ChannelPlane parse_plane(ByteReader& in, const ChannelLayout& layout) {
    ChannelPlane plane;
    plane.channel = in.u8();
    if (plane.channel >= layout.kind.channels() ||
        layout.sources[static_cast<size_t>(plane.channel)].from != ChannelSource::From::kPlane ||
        std::ranges::any_of(layout.planes, [&](const auto& p) { return p.channel == plane.channel; }))
        corrupt("a plane of no channel");
    plane.values = ValueSet::parse(in, layout.kind.largest() + 1);
    if (plane.values.count() < 2) corrupt("a plane of one value");
    if (plane.values.count() > 256)
        plane.exponent = static_cast<int>(in.varint_in(0, kMostExponent, "unit of a plane"));
    const int sees = in.u8(), before = static_cast<int>(layout.planes.size());
    plane.seen = sees & 3;
    plane.sees = {static_cast<uint8_t>(sees >> 2 & 7), static_cast<uint8_t>(sees >> 5)};
    for (int i = 0; i < 2; ++i) {
        const int other = plane.sees[static_cast<size_t>(i)];
        if (i < plane.seen ? other >= before : other != 0) corrupt("a plane that sees a later one");
    }
    if (plane.seen > 2 || (plane.seen == 2 && plane.sees[0] == plane.sees[1]))
        corrupt("a plane that sees too much");
    if (layout.guesses && plane.values.count() > 256)
        for (int i = 0; i < plane.seen; ++i) plane.apart[static_cast<size_t>(i)] = parse_apart(in);
    return plane;
}

template <typename Sample>
void put_channel(const uint8_t* from, const ValueSet& values, int width, int step, int sample_bytes,
                 uint8_t* to) {
    for (int x = 0; x < width; ++x) {
        Sample rank;
        std::memcpy(&rank, from + static_cast<size_t>(x) * sizeof rank, sizeof rank);
        const auto value = static_cast<uint16_t>(values.value(rank));
        if (sample_bytes == 1)
            *to = static_cast<uint8_t>(value);
        else
            std::memcpy(to, &value, sizeof value);
        to += step;
    }
}

}  // namespace

int ChannelLayout::coded_channels() const {
    int count = 0;
    for (int c = 0; c < kind.channels(); ++c)
        count += sources[static_cast<size_t>(c)].from == ChannelSource::From::kPlane;
    return count;
}

ChannelLayout ChannelLayout::parse(ByteReader& in, const PictureKind& kind, int width, int height,
                                   Allocator& allocator) {
    ChannelLayout layout;
    layout.kind = kind;
    layout.width = width;
    layout.height = height;
    for (int c = 0; c < kind.channels(); ++c)
        layout.sources[static_cast<size_t>(c)] = parse_source(in, c, kind.largest() + 1);
    const int count = layout.coded_channels();
    if (count == 0) return layout;
    const int how = in.u8();
    if (how > 2)
        throw Error(ErrorCode::kUnsupported,
                    "the file's channels are coded in a way that this version does "
                    "not know");
    if (how == 1) {
        if (kind.bits != 8 || (count != 1 && count != 3)) corrupt("a plane transform for other pictures");
        layout.transform = PlaneTransform::parse(in, width, height, count, allocator);
        layout.alphabets = parse_alphabets(in, count);
    } else {
        layout.guesses = how == 2;
        for (int p = 0; p < count; ++p) layout.planes.push_back(parse_plane(in, layout));
    }
    return layout;
}

// fill(y, row): the coded channels of a row.
template <typename Fill>
Picture ChannelLayout::filled(Allocator& allocator, ThreadPool& threads, const Fill& fill) const {
    Picture picture(allocator, width, height, kind.channels(), kind.sample_bytes());
    threads.parallel_for((height - 1) / kRowsAtOnce + 1, [&](int64_t part, int) {
        const int64_t first = part * kRowsAtOnce, end = std::min<int64_t>(first + kRowsAtOnce, height);
        for (int64_t y = first; y < end; ++y) {
            uint8_t* row = picture.row(static_cast<int>(y));
            fill(static_cast<int>(y), row);
            fill_others(row);
        }
    });
    return picture;
}

void ChannelLayout::fill_others(uint8_t* row) const {
    const auto bytes = static_cast<size_t>(kind.sample_bytes()),
               pixel = bytes * static_cast<size_t>(kind.channels());
    for (int c = 0; c < kind.channels(); ++c) {
        const ChannelSource& source = sources[static_cast<size_t>(c)];
        if (source.from == ChannelSource::From::kPlane) continue;
        uint8_t* to = row + static_cast<size_t>(c) * bytes;
        const bool constant = source.from == ChannelSource::From::kConstant;
        const auto value = static_cast<uint16_t>(source.what);
        const auto narrow = static_cast<uint8_t>(value);
        const uint8_t* what = bytes == 1 ? &narrow : reinterpret_cast<const uint8_t*>(&value);
        const uint8_t* from = constant ? what : row + static_cast<size_t>(source.what) * bytes;
        for (int x = 0; x < width; ++x, to += pixel, from += constant ? 0 : pixel)
            std::memcpy(to, from, bytes);
    }
}

Picture ChannelLayout::picture_of(std::span<const Picture> coded, Allocator& allocator,
                                  ThreadPool& threads) const {
    const int bytes = kind.sample_bytes(), step = bytes * kind.channels();
    return filled(allocator, threads, [&](int y, uint8_t* row) {
        for (size_t p = 0; p < planes.size(); ++p) {
            const ChannelPlane& plane = planes[p];
            uint8_t* to = row + static_cast<ptrdiff_t>(plane.channel) * bytes;
            if (plane.sample_bytes() == 1)
                put_channel<uint8_t>(coded[p].row(y), plane.values, width, step, bytes, to);
            else
                put_channel<uint16_t>(coded[p].row(y), plane.values, width, step, bytes, to);
        }
    });
}

Picture ChannelLayout::picture_of(const PictureView& coded, Allocator& allocator, ThreadPool& threads) const {
    std::vector<int> channels;
    for (int c = 0; c < kind.channels(); ++c)
        if (sources[static_cast<size_t>(c)].from == ChannelSource::From::kPlane) channels.push_back(c);
    return filled(allocator, threads, [&](int y, uint8_t* row) {
        const uint8_t* from = coded.row(y);
        for (int x = 0; x < width; ++x, row += kind.channels(), from += coded.channels)
            for (size_t i = 0; i < channels.size(); ++i) row[channels[i]] = from[i];
    });
}

}  // namespace residua::codec
