#include "codec/enc_jpeg_lattice.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "codec/med.h"

namespace residua::codec {

namespace {

constexpr int kCentre = 255;  // of the tables by v − Y

bool may_be_clamped(const uint8_t* rgb) {
    const auto extreme = [](uint8_t value) { return static_cast<uint8_t>(value + 1) < 2; };
    return extreme(rgb[0]) || extreme(rgb[1]) || extreme(rgb[2]);
}

// In 2^-16, as libjpeg has it: the coefficients add up to one.
int luma(const uint8_t* rgb) { return (19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + (1 << 15)) >> 16; }

int rounded_up_quotient(int a, int b) { return (a + b - 1) / b; }

}  // namespace

Triple nearest_triple(const uint8_t* rgb) {
    const auto chroma = [](int sum) { return std::clamp((sum + (128 << 16) + (1 << 15)) >> 16, 0, 255); };
    return {luma(rgb), chroma(-11059 * rgb[0] - 21709 * rgb[1] + 32768 * rgb[2]),
            chroma(32768 * rgb[0] - 27439 * rgb[1] - 5329 * rgb[2])};
}

LatticeInverse::Bounds LatticeInverse::make_bounds(const std::array<int16_t, 256>& added) {
    Bounds bounds;
    for (int d = -kCentre; d <= kCentre; ++d) {
        const auto at = static_cast<size_t>(d + kCentre);
        bounds.lowest[at] = static_cast<int16_t>(std::ranges::lower_bound(added, d) - added.begin());
        bounds.highest[at] = static_cast<int16_t>(std::ranges::upper_bound(added, d) - added.begin() - 1);
    }
    return bounds;
}

LatticeInverse::LatticeInverse()
    : tables_(lattice_tables()),
      red_(make_bounds(tables_.red_from_cr)),
      blue_(make_bounds(tables_.blue_from_cb)),
      green_step_cb_(tables_.green_from_cb[0] - tables_.green_from_cb[1]),
      green_step_cr_(tables_.green_from_cr[0] - tables_.green_from_cr[1]) {}

LatticeInverse::Interval LatticeInverse::interval(const Bounds& bounds, int value, int y) {
    const auto at = static_cast<size_t>(value - y + kCentre);
    return {value == 0 ? 0 : bounds.lowest[at], value == 255 ? 255 : bounds.highest[at]};
}

// Without clamping R, G and B are off by half a step at most, so that the rounded luma is Y; then R − Y and
// B − Y tell Cr and Cb.
bool LatticeInverse::find_inside(const uint8_t* rgb, Triple* found) const {
    const int y = luma(rgb);
    const auto red = static_cast<size_t>(rgb[0] - y + kCentre),
               blue = static_cast<size_t>(rgb[2] - y + kCentre);
    const int cr = red_.lowest[red], cb = blue_.lowest[blue];
    if (cr > red_.highest[red] || cb > blue_.highest[blue]) return false;
    *found = {y, cb, cr};
    return tables_.green(y, cb, cr) == rgb[1];
}

// The nearest Cb, Cr in the box that give `green` with y. Green falls with both; one step of either is less
// than one level, so that walking cannot jump over it, and Cr needs fewer steps.
bool LatticeInverse::nearest_chroma(int green, int y, const Interval& cb, const Interval& cr,
                                    const Triple& hint, Triple* found) const {
    if (cb.low > cb.high || cr.low > cr.high) return false;
    int blue = std::clamp(hint.cb, cb.low, cb.high), red = std::clamp(hint.cr, cr.low, cr.high);
    constexpr int kOne = 1 << LatticeTables::kGreenBits;
    const int lowest = green == 0 ? std::numeric_limits<int>::min() : (green - y) * kOne;
    const int highest = green == 255 ? std::numeric_limits<int>::max() : (green - y) * kOne + (kOne - 1);
    const auto sum = [&] {
        return tables_.green_from_cb[static_cast<size_t>(blue)] +
               tables_.green_from_cr[static_cast<size_t>(red)];
    };
    if (sum() < lowest) {
        red -= std::min(rounded_up_quotient(lowest - sum(), green_step_cr_), red - cr.low);
        if (sum() < lowest)
            blue -= std::min(rounded_up_quotient(lowest - sum(), green_step_cb_), blue - cb.low);
    } else if (sum() > highest) {
        red += std::min(rounded_up_quotient(sum() - highest, green_step_cr_), cr.high - red);
        if (sum() > highest)
            blue += std::min(rounded_up_quotient(sum() - highest, green_step_cb_), cb.high - blue);
    }
    *found = {y, blue, red};
    return sum() >= lowest && sum() <= highest;
}

bool LatticeInverse::find_clamped(const uint8_t* rgb, const Triple& hint, Triple* found) const {
    int best = std::numeric_limits<int>::max();
    const auto try_luma = [&](int y) {
        if (y < 0 || y > 255) return;
        Triple triple;
        if (!nearest_chroma(rgb[1], y, interval(blue_, rgb[2], y), interval(red_, rgb[0], y), hint, &triple))
            return;
        const int distance =
            std::abs(y - hint.y) + std::abs(triple.cb - hint.cb) + std::abs(triple.cr - hint.cr);
        if (distance >= best) return;
        best = distance;
        *found = triple;
    };
    for (int step = 0; step < 256 && step < best; ++step) {
        try_luma(hint.y - step);
        if (step) try_luma(hint.y + step);
    }
    return best != std::numeric_limits<int>::max();
}

bool LatticeInverse::find(const uint8_t* rgb, const Triple& hint, Triple* found) const {
    return may_be_clamped(rgb) ? find_clamped(rgb, hint, found) : find_inside(rgb, found);
}

int LatticeInverse::row(const uint8_t* rgb, int width, const uint8_t* above, uint8_t* triples) const {
    int missing = 0;
    Triple triple = nearest_triple(rgb);
    for (int x = 0; x < width; ++x, rgb += 3, triples += 3) {
        bool found;
        if (!may_be_clamped(rgb)) {
            found = find_inside(rgb, &triple);
        } else {
            Triple hint = triple;
            if (above) {
                const uint8_t* up = above + 3 * x;
                const uint8_t* corner = x ? up - 3 : up;
                hint = {med(triple.y, up[0], corner[0]), med(triple.cb, up[1], corner[1]),
                        med(triple.cr, up[2], corner[2])};
            }
            found = find_clamped(rgb, hint, &triple);
        }
        if (!found) {
            triple = nearest_triple(rgb);
            ++missing;
        }
        triples[0] = static_cast<uint8_t>(triple.y);
        triples[1] = static_cast<uint8_t>(triple.cb);
        triples[2] = static_cast<uint8_t>(triple.cr);
    }
    return missing;
}

}  // namespace residua::codec
