#include "origin/enc_colour_lattice.h"

#include <cstdlib>
#include <limits>

#include "image/med.h"

namespace residua::codec {

namespace {

constexpr int kOne = 1 << LatticeTables::kBits;

int steepest(const LatticeTables::Table& falling) {
    int steepest = 0;
    for (size_t i = 1; i < falling.size(); ++i) steepest = std::max(steepest, falling[i - 1] - falling[i]);
    return steepest;
}

double mean_step(const LatticeTables::Table& rising) {
    return (static_cast<double>(rising[255]) - rising[0]) / 255;
}

// 2^16 / step of a table, in samples.
int64_t per_step(const LatticeTables::Table& rising) {
    return static_cast<int64_t>(0x1p16 * kOne / mean_step(rising) + 0.5);
}

// The chroma that adds nothing.
int grey(const LatticeTables::Table& rising) {
    return static_cast<int>(std::ranges::lower_bound(rising, 0) - rising.begin());
}

// In 2^-16: the coefficients add up to one.
int bt601_luma(const uint8_t* rgb) { return 19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2]; }

// The lowest index of a rising table with at least `value`; 256 if there is none.
int first_at_least(const LatticeTables::Table& table, float inverse_step, int value) {
    const float guess = (static_cast<float>(value) - static_cast<float>(table[0])) * inverse_step;
    int i = static_cast<int>(std::clamp(guess, 0.0F, 255.0F));
    while (i > 0 && table[static_cast<size_t>(i - 1)] >= value) --i;
    while (i < 256 && table[static_cast<size_t>(i)] < value) ++i;
    return i;
}

// Moves an index of a falling table, inside the interval, until its value is low … high or has gone by. step:
// the largest difference of two neighbours.
int move_into(const LatticeTables::Table& table, int step, int index, int first, int last, int64_t low,
              int64_t high) {
    const auto value = [&] { return int64_t{table[static_cast<size_t>(index)]}; };
    const auto steps = [&](int64_t way, int most) {
        return static_cast<int>(std::min<int64_t>((way + step - 1) / step, most));
    };
    while (value() < low && index > first) index -= steps(low - value(), index - first);
    while (value() > high && index < last) index += steps(value() - high, last - index);
    return index;
}

}  // namespace

LatticeInverse::LatticeInverse(PlaneColours colours)
    : tables_(lattice_tables(colours)),
      luma_reach_(colours == PlaneColours::kJpeg ? 0 : 1),
      per_luma_(per_step(tables_.luma)),
      per_red_(per_step(tables_.red_from_cr)),
      per_blue_(per_step(tables_.blue_from_cb)),
      grey_cb_(grey(tables_.blue_from_cb)),
      grey_cr_(grey(tables_.red_from_cr)),
      inverse_luma_(static_cast<float>(1 / mean_step(tables_.luma))),
      inverse_red_(static_cast<float>(1 / mean_step(tables_.red_from_cr))),
      inverse_blue_(static_cast<float>(1 / mean_step(tables_.blue_from_cb))),
      green_step_cb_(steepest(tables_.green_from_cb)),
      green_step_cr_(steepest(tables_.green_from_cr)) {
    if (colours == PlaneColours::kJpeg) {
        grey_cb_ = grey_cr_ = 128;  // its tables round to the nearest
        luma_bias_ = 1 << 15;
    } else {
        // Half a step of Y, and the half that rounding down takes from the samples.
        luma_bias_ = (int64_t{1} << 31) / per_luma_ + (1 << 15);
    }
}

int LatticeInverse::luma(const uint8_t* rgb) const {
    return static_cast<int>((bt601_luma(rgb) + luma_bias_) * per_luma_ >> 32);
}

Triple LatticeInverse::nearest_triple(const uint8_t* rgb) const {
    const int grey_level = bt601_luma(rgb);
    const auto chroma = [&](uint8_t sample, int64_t per_step, int grey) {
        const int64_t steps = ((sample << 16) - grey_level) * per_step + (int64_t{1} << 31);
        return std::clamp(static_cast<int>(steps >> 32) + grey, 0, 255);
    };
    return {std::min(luma(rgb), 255), chroma(rgb[2], per_blue_, grey_cb_),
            chroma(rgb[0], per_red_, grey_cr_)};
}

LatticeInverse::Interval LatticeInverse::interval(const LatticeTables::Table& table, float inverse_step,
                                                  int value, int y) const {
    const int lowest = value * kOne - tables_.luma[static_cast<size_t>(y)];
    const int first = value == 0 ? 0 : first_at_least(table, inverse_step, lowest);
    return {first, value == 255 ? 255 : first_at_least(table, inverse_step, lowest + kOne) - 1};
}

// Without clamping Y is known, or nearly so; then red and blue tell Cr and Cb, of which a step is more than
// one level, and green says whether that is right.
bool LatticeInverse::find_inside(const uint8_t* rgb, Triple* found) const {
    const int middle = luma(rgb);
    for (int y = middle - luma_reach_; y <= middle + luma_reach_; ++y) {
        if (y < 0 || y > 255) continue;
        const Interval cr = interval(tables_.red_from_cr, inverse_red_, rgb[0], y);
        const Interval cb = interval(tables_.blue_from_cb, inverse_blue_, rgb[2], y);
        if (cr.low != cr.high || cb.low != cb.high || tables_.green(y, cb.low, cr.low) != rgb[1]) continue;
        *found = {y, cb.low, cr.low};
        return true;
    }
    return false;
}

// The nearest Cb, Cr in the box that give `green` with y. Green falls with both; Cr is moved first, as it
// needs fewer steps.
bool LatticeInverse::nearest_chroma(int green, int y, const Interval& cb, const Interval& cr,
                                    const Triple& hint, Triple* found) const {
    if (cb.low > cb.high || cr.low > cr.high) return false;
    int blue = std::clamp(hint.cb, cb.low, cb.high), red = std::clamp(hint.cr, cr.low, cr.high);
    const int64_t level = int64_t{green} * kOne - tables_.luma[static_cast<size_t>(y)];
    const int64_t low = green == 0 ? std::numeric_limits<int>::min() : level;
    const int64_t high = green == 255 ? std::numeric_limits<int>::max() : level + kOne - 1;
    const int from_blue = tables_.green_from_cb[static_cast<size_t>(blue)];
    red = move_into(tables_.green_from_cr, green_step_cr_, red, cr.low, cr.high, low - from_blue,
                    high - from_blue);
    const int from_red = tables_.green_from_cr[static_cast<size_t>(red)];
    blue = move_into(tables_.green_from_cb, green_step_cb_, blue, cb.low, cb.high, low - from_red,
                     high - from_red);
    *found = {y, blue, red};
    return tables_.green(y, blue, red) == green;
}

bool LatticeInverse::find_clamped(const uint8_t* rgb, const Triple& hint, Triple* found) const {
    int best = std::numeric_limits<int>::max();
    const auto try_luma = [&](int y) {
        if (y < 0 || y > 255) return;
        Triple triple;
        if (!nearest_chroma(rgb[1], y, interval(tables_.blue_from_cb, inverse_blue_, rgb[2], y),
                            interval(tables_.red_from_cr, inverse_red_, rgb[0], y), hint, &triple))
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

std::array<int, 3> LatticeInverse::added(int cb, int cr) const {
    const auto u = static_cast<size_t>(cb), v = static_cast<size_t>(cr);
    return {tables_.red_from_cr[v], tables_.green_from_cb[u] + tables_.green_from_cr[v],
            tables_.blue_from_cb[u]};
}

float LatticeInverse::misfit(const uint8_t* rgb, int cb, int cr) const {
    const std::array<int, 3> by_chroma = added(cb, cr);
    int low = 0, high = tables_.luma[255];
    for (size_t c = 0; c < 3; ++c) {
        const int lowest = rgb[c] * kOne - by_chroma[c];
        if (rgb[c] > 0) low = std::max(low, lowest);
        if (rgb[c] < 255) high = std::min(high, lowest + kOne - 1);
    }
    constexpr float kImpossible = 1;
    if (low <= high) {
        const int y = first_at_least(tables_.luma, inverse_luma_, low);
        return y < 256 && tables_.luma[static_cast<size_t>(y)] <= high ? 0 : kImpossible;
    }
    const float gap = static_cast<float>(low - high) * (1.0F / kOne);
    return kImpossible + 0.125F * gap;
}

bool LatticeInverse::find_luma(const uint8_t* rgb, const Triple& hint, int* y) const {
    const std::array<int, 3> by_chroma = added(hint.cb, hint.cr);
    int first = 0, last = 255;
    for (size_t c = 0; c < 3; ++c) {
        const int lowest = rgb[c] * kOne - by_chroma[c];
        if (rgb[c] > 0) first = std::max(first, first_at_least(tables_.luma, inverse_luma_, lowest));
        if (rgb[c] < 255)
            last = std::min(last, first_at_least(tables_.luma, inverse_luma_, lowest + kOne) - 1);
    }
    if (first > last) return false;
    *y = std::clamp(hint.y, first, last);
    return true;
}

int LatticeInverse::nearest_luma(const uint8_t* rgb, const Triple& hint) const {
    const std::array<int, 3> by_chroma = added(hint.cb, hint.cr);
    int low = 255, high = 0;  // what the samples ask for
    for (size_t c = 0; c < 3; ++c) {
        const int y =
            std::min(first_at_least(tables_.luma, inverse_luma_, rgb[c] * kOne - by_chroma[c]), 255);
        low = std::min(low, std::max(y - 1, 0));
        high = std::max(high, y);
    }
    int best = 256, nearest = low;
    for (int y = low; y <= high; ++y) {
        const int red = tables_.red(y, hint.cr), green = tables_.green(y, hint.cb, hint.cr),
                  blue = tables_.blue(y, hint.cb);
        const int worst =
            std::max({std::abs(red - rgb[0]), std::abs(green - rgb[1]), std::abs(blue - rgb[2])});
        if (worst >= best) continue;
        best = worst;
        nearest = y;
    }
    return nearest;
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
