#include "origin/chroma/enc_chroma_bounds.h"

#include <algorithm>
#include <climits>

namespace residua::codec {

namespace {

struct Interval {
    int low, high;

    bool is_empty() const { return low > high; }
};

constexpr int kOne = 1 << LatticeTables::kBits;

// The chroma that makes `value` with what luma adds, for lumas that increase from call to call: its bounds
// move down the table then, past each entry once.
class ChromaOf {
  public:
    // added[] increases.
    ChromaOf(const LatticeTables::Table& added, int value) : added_(added), value_(value) {}

    Interval with(int luma) {
        const int lowest = value_ * kOne - luma;
        if (value_ > 0) move(first_, lowest);
        if (value_ < 255) move(end_, lowest + kOne);
        return {value_ > 0 ? first_ : 0, end_ - 1};
    }

  private:
    // To the lowest index whose entry is at least `least`.
    void move(int& index, int least) const {
        while (index > 0 && added_[static_cast<size_t>(index - 1)] >= least) --index;
    }

    const LatticeTables::Table& added_;
    const int value_;
    int first_ = 256, end_ = 256;
};

// What is left of `one` if green is to come out for some value of `other`; green decreases along both.
Interval limited_by_green(const LatticeTables::Table& added_one, const LatticeTables::Table& added_other,
                          const Interval& one, const Interval& other, int green, int luma) {
    const int most_other = added_other[static_cast<size_t>(other.low)];
    const int least_other = added_other[static_cast<size_t>(other.high)];
    const int least = green == 0 ? INT_MIN : green * kOne - luma - most_other;
    const int end = green == 255 ? INT_MAX : (green + 1) * kOne - luma - least_other;
    const auto first = added_one.begin() + one.low, last = added_one.begin() + one.high + 1;
    const auto low = std::partition_point(first, last, [&](int32_t added) { return added >= end; });
    const auto high = std::partition_point(low, last, [&](int32_t added) { return added >= least; });
    return {static_cast<int>(low - added_one.begin()), static_cast<int>(high - added_one.begin()) - 1};
}

// Of all lumas: one that has no chroma may lie between two that have, as green jumps over levels.
ChromaBounds search_bounds(const LatticeTables& tables, const uint8_t* rgb) {
    Interval cb_all = {255, 0}, cr_all = {255, 0};
    ChromaOf blue(tables.blue_from_cb, rgb[2]), red(tables.red_from_cr, rgb[0]);
    for (const int luma : tables.luma) {
        Interval cb = blue.with(luma), cr = red.with(luma);
        if (cb.is_empty() || cr.is_empty()) continue;
        cr = limited_by_green(tables.green_from_cr, tables.green_from_cb, cr, cb, rgb[1], luma);
        if (cr.is_empty()) continue;
        cb = limited_by_green(tables.green_from_cb, tables.green_from_cr, cb, cr, rgb[1], luma);
        if (cb.is_empty()) continue;
        cb_all = {std::min(cb_all.low, cb.low), std::max(cb_all.high, cb.high)};
        cr_all = {std::min(cr_all.low, cr.low), std::max(cr_all.high, cr.high)};
    }
    if (cb_all.is_empty()) return kAnyChroma;
    return {static_cast<uint8_t>(cb_all.low), static_cast<uint8_t>(cb_all.high),
            static_cast<uint8_t>(cr_all.low), static_cast<uint8_t>(cr_all.high)};
}

}  // namespace

ChromaBounds lattice_chroma_bounds(const LatticeTables& tables, const uint8_t* rgb) {
    // Clamped pixels come in areas of few colours.
    struct Entry {
        const LatticeTables* tables = nullptr;
        uint32_t rgb = 0;
        ChromaBounds bounds = {};
    };
    // What a thread remembers changes nothing: bounds depend on the key alone.
    thread_local std::array<Entry, 1024> known;
    const uint32_t key = uint32_t{rgb[0]} << 16 | uint32_t{rgb[1]} << 8 | rgb[2];
    Entry& entry = known[(key * 2654435761u) >> 22];
    if (entry.tables != &tables || entry.rgb != key) entry = {&tables, key, search_bounds(tables, rgb)};
    return entry.bounds;
}

}  // namespace residua::codec
