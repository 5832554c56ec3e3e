#include "origin/chroma/enc_chroma_bounds.h"

#include <algorithm>
#include <climits>

namespace residua::codec {

namespace {

// A luma that has no chroma may lie between two that have: only so many chroma values fit its green.
constexpr int kGap = 6;

struct Interval {
    int low, high;

    bool is_empty() const { return low > high; }
};

constexpr int kOne = 1 << LatticeTables::kBits;

// The chroma that makes `value` with what luma adds; added[] increases.
Interval chroma_of(const LatticeTables::Table& added, int value, int luma) {
    const int lowest = value * kOne - luma;
    const auto least = value == 0 ? added.begin() : std::lower_bound(added.begin(), added.end(), lowest);
    const auto above =
        value == 255 ? added.end() : std::lower_bound(added.begin(), added.end(), lowest + kOne);
    return {static_cast<int>(least - added.begin()), static_cast<int>(above - added.begin()) - 1};
}

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

ChromaBounds search_bounds(const LatticeTables& tables, const uint8_t* rgb, const uint8_t* triple) {
    Interval cb_all = {255, 0}, cr_all = {255, 0};
    const auto add = [&](int y) {
        const int luma = tables.luma[static_cast<size_t>(y)];
        Interval cb = chroma_of(tables.blue_from_cb, rgb[2], luma);
        Interval cr = chroma_of(tables.red_from_cr, rgb[0], luma);
        if (cb.is_empty() || cr.is_empty()) return false;
        cr = limited_by_green(tables.green_from_cr, tables.green_from_cb, cr, cb, rgb[1], luma);
        if (cr.is_empty()) return false;
        cb = limited_by_green(tables.green_from_cb, tables.green_from_cr, cb, cr, rgb[1], luma);
        if (cb.is_empty()) return false;
        cb_all = {std::min(cb_all.low, cb.low), std::max(cb_all.high, cb.high)};
        cr_all = {std::min(cr_all.low, cr.low), std::max(cr_all.high, cr.high)};
        return true;
    };
    for (const int direction : {-1, 1}) {
        int missed = 0;
        for (int y = triple[0] + (direction > 0); y >= 0 && y <= 255 && missed < kGap; y += direction)
            missed = add(y) ? 0 : missed + 1;
    }
    if (cb_all.is_empty()) return kAnyChroma;
    return {static_cast<uint8_t>(cb_all.low), static_cast<uint8_t>(cb_all.high),
            static_cast<uint8_t>(cr_all.low), static_cast<uint8_t>(cr_all.high)};
}

}  // namespace

ChromaBounds lattice_chroma_bounds(const LatticeTables& tables, const uint8_t* rgb, const uint8_t* triple) {
    // Clamped pixels come in areas of few colours.
    struct Entry {
        const LatticeTables* tables = nullptr;
        uint32_t rgb = 0;
        ChromaBounds bounds = {};
    };
    thread_local std::array<Entry, 1024> known;
    const uint32_t key = uint32_t{rgb[0]} << 16 | uint32_t{rgb[1]} << 8 | rgb[2];
    Entry& entry = known[(key * 2654435761u) >> 22];
    if (entry.tables != &tables || entry.rgb != key)
        entry = {&tables, key, search_bounds(tables, rgb, triple)};
    return entry.bounds;
}

}  // namespace residua::codec
