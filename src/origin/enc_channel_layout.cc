#include "origin/enc_channel_layout.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "origin/enc_rank_cost.h"
#include "planes/enc_value_set.h"

namespace residua::codec {

namespace {

// So few values among others that never occur are ranked without a look at what that saves.
constexpr int kFewValues = 16;
// A change of the estimated cost that can be trusted.
constexpr double kLeastGain = 0.998;
// Planes that see each other without need cost more: what the estimate must promise.
constexpr double kAlphaGain = 0.95;
// Of LayoutMaker::exponent_for.
constexpr double kCalmUnits = 2;

// One channel of a picture.
class Channel {
  public:
    Channel(const PictureView& x, int channel) : x_(x), channel_(channel) {}

    int at(int y, int x) const {
        const uint8_t* pixel =
            x_.row(y) + (static_cast<ptrdiff_t>(x) * x_.channels + channel_) * x_.sample_bytes;
        uint16_t value;
        if (x_.sample_bytes == 1) return *pixel;
        std::memcpy(&value, pixel, sizeof value);
        return value;
    }

  private:
    const PictureView& x_;
    const int channel_;
};

bool same_channels(const PictureView& x, int a, int b) {
    const Channel one(x, a), other(x, b);
    for (int y = 0; y < x.height; ++y)
        for (int i = 0; i < x.width; ++i)
            if (one.at(y, i) != other.at(y, i)) return false;
    return true;
}

// [value]: 1 where it occurs.
std::vector<uint8_t> occurring(const Channel& channel, const PictureView& x, int levels, Session& session) {
    const auto size = static_cast<size_t>(levels);
    Buffer<uint8_t> seen(session.allocator, product(session.threads.size(), size), 0);
    session.threads.parallel_for(x.height, [&](int64_t y, int thread) {
        uint8_t* mine = seen.data() + static_cast<size_t>(thread) * size;
        for (int i = 0; i < x.width; ++i) mine[channel.at(static_cast<int>(y), i)] = 1;
    });
    std::vector<uint8_t> all(size);
    for (size_t i = 0; i < seen.size(); ++i) all[i % size] |= seen[i];
    return all;
}

// Every sample is the first one: found row by row, before any sample is looked at for itself.
bool is_constant_picture(const PictureView& x) {
    const size_t pixel = static_cast<size_t>(x.channels) * static_cast<size_t>(x.sample_bytes);
    for (int y = 0; y < x.height; ++y) {
        const uint8_t* row = x.row(y);
        if (std::memcmp(row, x.row(0), pixel) != 0 ||
            std::memcmp(row, row + pixel, x.row_bytes() - pixel) != 0)
            return false;
    }
    return true;
}

class LayoutMaker {
  public:
    LayoutMaker(const PictureView& x, const PictureKind& kind, Session& session)
        : x_(x), session_(session), levels_(kind.largest() + 1) {
        out_.layout.kind = kind;
        out_.layout.width = x.width;
        out_.layout.height = x.height;
    }

    ForwardChannels run() {
        find_sources();
        const PictureKind& kind = out_.layout.kind;
        const int coded = out_.layout.coded_channels();
        if (coded == 0) return std::move(out_);
        const auto& sources = out_.layout.sources;
        const bool all_colours = kind.colour == Colour::kRgb && coded == 3 &&
                                 std::all_of(sources.begin(), sources.begin() + 3, [](const auto& source) {
                                     return source.from == ChannelSource::From::kPlane;
                                 });
        if (kind.bits == 8 && (coded == 1 || all_colours)) {
            take_plain(coded);
            return std::move(out_);
        }
        choose_alpha();
        for (const int channel : coding_order()) add_plane(channel);
        return std::move(out_);
    }

  private:
    void find_sources() {
        auto& sources = out_.layout.sources;
        if (is_constant_picture(x_)) {
            for (int c = 0; c < x_.channels; ++c)
                sources[static_cast<size_t>(c)] = {ChannelSource::From::kConstant, Channel(x_, c).at(0, 0)};
            return;
        }
        for (int c = 0; c < x_.channels; ++c) {
            const auto i = static_cast<size_t>(c);
            const Channel channel(x_, c);
            values_[i] = occurring(channel, x_, levels_, session_);
            if (std::count(values_[i].begin(), values_[i].end(), 1) == 1) {
                sources[i] = {ChannelSource::From::kConstant, channel.at(0, 0)};
                continue;
            }
            for (int earlier = 0; earlier < c; ++earlier) {
                const auto e = static_cast<size_t>(earlier);
                if (sources[e].from != ChannelSource::From::kPlane || values_[e] != values_[i] ||
                    !same_channels(x_, earlier, c))
                    continue;
                sources[i] = {ChannelSource::From::kChannel, earlier};
                break;
            }
        }
    }

    // Green first, as it resembles both others.
    std::vector<int> coding_order() const {
        std::vector<int> order;
        const PictureKind& kind = out_.layout.kind;
        std::vector<int> all = kind.colour == Colour::kRgb    ? std::vector<int>{1, 0, 2}
                               : kind.colour == Colour::kGrey ? std::vector<int>{0}
                                                              : std::vector<int>{0, 1, 2, 3};
        if (kind.alpha) all.insert(alpha_ == Alpha::kLast ? all.end() : all.begin(), kind.channels() - 1);
        for (const int c : all)
            if (out_.layout.sources[static_cast<size_t>(c)].from == ChannelSource::From::kPlane)
                order.push_back(c);
        return order;
    }

    void take_plain(int coded) {
        std::vector<int> channels;
        for (int c = 0; c < x_.channels; ++c)
            if (out_.layout.sources[static_cast<size_t>(c)].from == ChannelSource::From::kPlane)
                channels.push_back(c);
        Picture& plain = out_.plain.emplace(session_.allocator, x_.width, x_.height, coded);
        for (int y = 0; y < x_.height; ++y) {
            const uint8_t* from = x_.row(y);
            uint8_t* to = plain.row(y);
            for (int x = 0; x < x_.width; ++x, from += x_.channels)
                for (const int c : channels) *to++ = from[c];
        }
    }

    void add_plane(int c) {
        ChannelPlane plane;
        plane.channel = c;
        const std::vector<uint16_t> ranks = choose_values(c, plane.values);
        const int bytes = plane.sample_bytes();
        Picture& made = out_.planes.emplace_back(session_.allocator, x_.width, x_.height, 1, bytes);
        const Channel channel(x_, c);
        session_.threads.parallel_for(x_.height, [&](int64_t row, int) {
            const auto y = static_cast<int>(row);
            uint8_t* to = made.row(y);
            for (int x = 0; x < x_.width; ++x, to += bytes) {
                const uint16_t rank = ranks[static_cast<size_t>(channel.at(y, x))];
                if (bytes == 1)
                    *to = static_cast<uint8_t>(rank);
                else
                    std::memcpy(to, &rank, sizeof rank);
            }
        });
        if (bytes == 2) plane.exponent = exponent_for(made);
        see(plane);
        if (bytes == 2) {
            out_.layout.guesses = true;
            for (size_t i = 0; i < static_cast<size_t>(plane.seen); ++i)
                plane.apart[i] = usual_distance(made, out_.planes[plane.sees[i]]);
        }
        out_.layout.planes.push_back(std::move(plane));
    }

    // Of the experts' units: such that the calmest quarter of the plane has errors of two units and less, as
    // photographs of 8 bits have. All planes have that of the first wide one, so that what is told of one
    // means the same in another.
    int exponent_for(const Picture& ranks) {
        if (exponent_) return *exponent_;
        const PictureView view = ranks.view();
        const Channel samples(view, 0);
        const double calm =
            rank_cost(view.width, view.height, [&](int y, int x) { return samples.at(y, x); }).calm;
        const auto exponent = static_cast<int>(std::lround(std::log2(calm / kCalmUnits)));
        return exponent_.emplace(std::clamp(exponent, 0, kMostExponent));
    }

    // What a plane's ranks less those of another one are most often; the one nearest to 0 of several.
    static int usual_distance(const Picture& plane, const Picture& other) {
        const PictureView view = plane.view(), other_view = other.view();
        const Channel samples(view, 0), others(other_view, 0);
        std::vector<uint32_t> counts(2 * kMostApart + 1);
        for (int y = 0; y < view.height; ++y)
            for (int x = 0; x < view.width; ++x)
                ++counts[static_cast<size_t>(samples.at(y, x) - others.at(y, x) + kMostApart)];
        int best = 0;
        const auto count = [&](int distance) { return counts[static_cast<size_t>(distance + kMostApart)]; };
        for (int distance = 1; distance <= kMostApart; ++distance)
            for (const int signed_distance : {distance, -distance})
                if (count(signed_distance) > count(best)) best = signed_distance;
        return best;
    }

    // The planes before, the last one first; alpha and colours only where that helps.
    void see(ChannelPlane& plane) const {
        const auto& before = out_.layout.planes;
        const auto is_alpha = [&](const ChannelPlane& p) {
            return out_.layout.kind.alpha && p.channel == out_.layout.kind.channels() - 1;
        };
        for (size_t p = before.size(); p-- > 0 && plane.seen < 2;) {
            if (is_alpha(before[p]) != is_alpha(plane) && alpha_ == Alpha::kApart) continue;
            plane.sees[static_cast<size_t>(plane.seen++)] = static_cast<uint8_t>(p);
        }
    }

    // How alpha and the first colour are coded smallest: apart, alpha first and seen by the colour, or the
    // reverse.
    void choose_alpha() {
        const PictureKind& kind = out_.layout.kind;
        const int last = kind.channels() - 1, first = kind.colour == Colour::kRgb ? 1 : 0;
        const auto coded = [&](int c) {
            return out_.layout.sources[static_cast<size_t>(c)].from == ChannelSource::From::kPlane;
        };
        if (!kind.alpha || !coded(last) || !coded(first)) return;
        const Channel alpha(x_, last), colour(x_, first);
        const auto bits = [&](const Channel& of, const Channel* seen) {
            const auto at = [&](int y, int x) { return of.at(y, x); };
            if (!seen) return rank_cost(x_.width, x_.height, at).bits;
            return rank_cost(x_.width, x_.height, at, [&](int y, int x) { return seen->at(y, x); }).bits;
        };
        const double alpha_alone = bits(alpha, nullptr), colour_alone = bits(colour, nullptr);
        const double apart = (alpha_alone + colour_alone) * kAlphaGain,
                     seen = alpha_alone + bits(colour, &alpha), sees = colour_alone + bits(alpha, &colour);
        if (std::min(seen, sees) < apart) alpha_ = seen <= sees ? Alpha::kFirst : Alpha::kLast;
    }

    // Sets the values; returns the rank of each.
    std::vector<uint16_t> choose_values(int c, ValueSet& set) {
        const std::vector<uint8_t>& occurs = values_[static_cast<size_t>(c)];
        std::vector<uint16_t> values;
        for (size_t value = 0; value < occurs.size(); ++value)
            if (occurs[value]) values.push_back(static_cast<uint16_t>(value));
        const int first = values.front(), span = values.back() - first + 1;
        const auto count = static_cast<int>(values.size());
        std::vector<uint16_t> offsets(occurs.size()), ranks(occurs.size());
        for (size_t rank = 0; rank < values.size(); ++rank) ranks[values[rank]] = static_cast<uint16_t>(rank);
        for (int value = first; value < first + span; ++value)
            offsets[static_cast<size_t>(value)] = static_cast<uint16_t>(value - first);
        set = ValueSet::range(first, span);
        if (count == span) return offsets;
        ValueSet ranked = ValueSet::of(std::move(values));
        if (count > kFewValues) {
            ByteWriter bytes;
            write_value_set(ranked, bytes);
            const double set_bits = 8.0 * static_cast<double>(bytes.bytes.size());
            if (cost(c, ranks) + set_bits >= cost(c, offsets) * kLeastGain) return offsets;
        }
        set = std::move(ranked);
        return ranks;
    }
    double cost(int c, const std::vector<uint16_t>& ranks) const {
        const Channel channel(x_, c);
        return rank_cost(x_.width, x_.height,
                         [&](int y, int x) { return int{ranks[static_cast<size_t>(channel.at(y, x))]}; })
            .bits;
    }

    const PictureView& x_;
    Session& session_;
    const int levels_;
    ForwardChannels out_;
    std::optional<int> exponent_;
    enum class Alpha { kApart, kFirst, kLast } alpha_ = Alpha::kApart;
    std::array<std::vector<uint8_t>, kMostPictureChannels> values_;
};

}  // namespace

ForwardChannels make_channels(const PictureView& x, const PictureKind& kind, Session& session) {
    return LayoutMaker(x, kind, session).run();
}

void write_channel_layout(const ChannelLayout& layout, bool has_transform, ByteWriter& out) {
    for (int c = 0; c < layout.kind.channels(); ++c) {
        const ChannelSource& source = layout.sources[static_cast<size_t>(c)];
        const bool channel = source.from == ChannelSource::From::kChannel;
        out.u8(static_cast<uint8_t>(channel ? 2 + source.what : static_cast<int>(source.from)));
        if (source.from == ChannelSource::From::kConstant) out.varint(static_cast<uint64_t>(source.what));
    }
    if (layout.coded_channels() == 0) return;
    out.u8(has_transform ? 1 : layout.guesses ? 2 : 0);
    for (const ChannelPlane& plane : layout.planes) {
        out.u8(static_cast<uint8_t>(plane.channel));
        write_value_set(plane.values, out);
        if (plane.values.count() > 256) out.varint(static_cast<uint64_t>(plane.exponent));
        out.u8(static_cast<uint8_t>(plane.seen | plane.sees[0] << 2 | plane.sees[1] << 5));
        if (!layout.guesses || plane.values.count() <= 256) continue;
        for (int i = 0; i < plane.seen; ++i) {
            const int apart = plane.apart[static_cast<size_t>(i)];
            out.varint(static_cast<uint64_t>(apart < 0 ? -2 * apart - 1 : 2 * apart));
        }
    }
}

void write_alphabets(const std::array<Alphabet, 3>& alphabets, int count, ByteWriter& out) {
    for (int p = 0; p < count; ++p) {
        out.u8(static_cast<uint8_t>(-alphabets[static_cast<size_t>(p)].lowest));
        out.u8(static_cast<uint8_t>(alphabets[static_cast<size_t>(p)].highest));
    }
}

}  // namespace residua::codec
