#include "stages/scc/enc_promise.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace residua::codec {

namespace {

// Of at most about so many pixels, in whole rows from top to bottom.
constexpr int64_t kPixels = 1 << 18;
// Pictures that small are tried whatever they look like: it takes less time than all else.
constexpr int64_t kSmall = 1 << 14;
// Flat: as left of it and above. Hits: pixels whose neighbours are not alike, and which are as one of them, or as the
// pixel that was last seen between such neighbours. Photographs have few of both; drawn pictures few pixels that are
// neither.
struct Shares {
    double flat, hits, misses;
    bool is_photograph() const { return flat < 0.1 ? hits < 0.5 : flat < 0.3 && hits < 0.35; }
    bool is_drawn() const { return flat > 0.6 && misses < 0.03; }
};

// What was last seen between neighbours.
class Seen {
  public:
    // Whether it was `pixel`; from now on it is.
    bool expected(uint64_t neighbours, uint64_t pixel) {
        const uint64_t place = mixed(neighbours), known = mixed(place ^ pixel) | 1;
        uint64_t& last = last_[place >> (64 - kBits)];
        const bool was = last == known;
        last = known;
        return was;
    }
    static uint64_t mixed(uint64_t v) {
        v *= 0x9E3779B97F4A7C15u;
        return v ^ v >> 29;
    }

  private:
    static constexpr int kBits = 14;
    std::vector<uint64_t> last_ = std::vector<uint64_t>(size_t{1} << kBits);
};

uint64_t number_of(const uint8_t* pixel, size_t bytes) {
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; ++i) number = number << 8 ^ number >> 53 ^ pixel[i];
    return number;
}

}  // namespace

Promise scc_promise(const PictureView& x) {
    const auto bytes = static_cast<size_t>(x.channels) * static_cast<size_t>(x.sample_bytes);
    const int64_t rows_apart = std::max<int64_t>(1, int64_t{x.width} * x.height / kPixels);
    int64_t pixels = 0, flat = 0, edges = 0, hits = 0;
    Seen seen;
    const auto same = [bytes](const uint8_t* a, const uint8_t* b) { return std::memcmp(a, b, bytes) == 0; };
    for (int64_t y = 1; y < x.height; y += rows_apart) {
        const uint8_t *row = x.row(static_cast<int>(y)), *above = x.row(static_cast<int>(y) - 1);
        for (int i = 1; i + 1 < x.width; ++i) {
            row += bytes, above += bytes;
            ++pixels;
            const bool left = same(row, row - bytes), up = same(row, above);
            flat += left && up;
            if (same(row - bytes, above) && same(above, above - bytes) && same(above, above + bytes))
                continue;
            ++edges;
            const uint64_t neighbours =
                Seen::mixed(Seen::mixed(number_of(row - bytes, bytes)) + number_of(above, bytes)) +
                Seen::mixed(number_of(above - bytes, bytes)) + number_of(above + bytes, bytes);
            const bool again = seen.expected(neighbours, number_of(row, bytes));
            hits += again || left || up || same(row, above - bytes) || same(row, above + bytes);
        }
    }
    // Pictures of one row or column are tried, but nothing is left to do where all is one colour.
    if (pixels == 0) return Promise::kPossible;
    if (flat == pixels) return Promise::kNone;
    const auto share = [](int64_t of, int64_t all) {
        return all == 0 ? 1 : static_cast<double>(of) / static_cast<double>(all);
    };
    const Shares shares = {share(flat, pixels), share(hits, edges), share(edges - hits, pixels)};
    if (shares.is_drawn()) return Promise::kSure;
    const bool small = int64_t{x.width} * x.height <= kSmall;
    return shares.is_photograph() && !small ? Promise::kNone : Promise::kPossible;
}

}  // namespace residua::codec
