// Moves of many samples of a row or column at once.
#include <algorithm>
#include <array>

#include "origin/chroma/enc_triangle_search.h"

namespace residua::codec {

namespace {

constexpr int kLineSteps = 2;
// Samples to each side. A filter of one dimension needs long lines; in two they bend what lies beside them.
constexpr int kLongRadius = 20, kShortRadius = 8;

}  // namespace

// The best of all that can be done to samples middle − kLineRadius … middle + radius of a row (or
// column), each moved by at most kLineSteps: the shortest path (Viterbi), as a pixel depends on two samples
// beside each other.
bool TriangleSearch::try_line(bool is_row, int line, int middle, int first_row, int end_row) {
    const int radius = across_.halved && down_.halved ? kShortRadius : kLongRadius;
    constexpr int kStates = 2 * kLineSteps + 1, kMostSum = 4 * kLineSteps, kFar = 1 << 29;
    const SampleAxis& along = is_row ? across_ : down_;
    const SampleAxis::Reach& side = (is_row ? down_ : across_).reach[static_cast<size_t>(line)];
    const int first = std::max(is_row ? 0 : first_row, middle - radius);
    const int last = std::min(is_row ? along.samples - 1 : end_row - 1, middle + radius);
    using PixelCosts = std::array<int, 2 * kMostSum + 1>;  // by Σ weight · move of the two samples
    const auto costs_of = [&](int p) {
        PixelCosts costs = {};
        for (int i = 0; i < side.count; ++i) {
            const int x = is_row ? p : side.first + i, y = is_row ? side.first + i : p;
            const int from = excess(y)[x], limit = most(spread(y)[x]);
            const int weight = side.weight[static_cast<size_t>(i)];
            for (int sum = -kMostSum; sum <= kMostSum; ++sum)
                costs[static_cast<size_t>(sum + kMostSum)] += cost(from + weight * sum, limit);
        }
        return costs;
    };
    const auto weight_of = [&](int sample, int p) {
        if (sample < 0 || sample >= along.samples) return 0;
        const SampleAxis::Reach& reach = along.reach[static_cast<size_t>(sample)];
        const int at = p - reach.first;
        return at >= 0 && at < reach.count ? reach.weight[static_cast<size_t>(at)] : 0;
    };
    const auto sample_at = [&](int i) -> int16_t& { return is_row ? samples(line)[i] : samples(i)[line]; };
    std::array<int, kStates> total;
    std::array<std::array<int8_t, kStates>, 2 * kLongRadius + 2> came_from;
    total.fill(kFar);
    total[kLineSteps] = 0;
    int unmoved = 0;
    for (int k = first; k <= last + 1; ++k) {  // pixels between samples k − 1 and k
        std::array<int, kStates> next;
        next.fill(kFar);
        std::array<PixelCosts, 2> costs = {};
        for (const int side_of : {0, 1}) {
            const int p = 2 * k - 1 + side_of;
            if (p < 0 || p >= along.pixels()) continue;
            costs[static_cast<size_t>(side_of)] = costs_of(p);
            unmoved += costs[static_cast<size_t>(side_of)][kMostSum];
        }
        const int before[] = {weight_of(k - 1, 2 * k - 1), weight_of(k - 1, 2 * k)};
        const int after[] = {weight_of(k, 2 * k - 1), weight_of(k, 2 * k)};
        for (int to = -kLineSteps; to <= kLineSteps; ++to) {
            if (k > last ? to != 0 : sample_at(k) + to < 0 || sample_at(k) + to > 255) continue;
            for (int from = -kLineSteps; from <= kLineSteps; ++from) {
                const int with = total[static_cast<size_t>(from + kLineSteps)] +
                                 costs[0][static_cast<size_t>(before[0] * from + after[0] * to + kMostSum)] +
                                 costs[1][static_cast<size_t>(before[1] * from + after[1] * to + kMostSum)];
                int& best = next[static_cast<size_t>(to + kLineSteps)];
                if (with >= best) continue;
                best = with;
                came_from[static_cast<size_t>(k - first)][static_cast<size_t>(to + kLineSteps)] =
                    static_cast<int8_t>(from);
            }
        }
        total = next;
    }
    if (total[kLineSteps] >= unmoved) return false;
    int step = 0;
    for (int k = last; k >= first; --k) {
        step = came_from[static_cast<size_t>(k + 1 - first)][static_cast<size_t>(step + kLineSteps)];
        if (step != 0) apply(is_row ? Move{k, line, step} : Move{line, k, step});
    }
    return true;
}

bool TriangleSearch::try_lines(const Pixel& pixel, int first_row, int end_row) {
    const auto near = [](const SampleAxis& axis, int p) { return axis.halved ? p >> 1 : p; };
    const auto other = [&](const SampleAxis& axis, int p) {
        return std::clamp(near(axis, p) + axis.taps[axis.halved ? p & 1 : 0].step, 0, axis.samples - 1);
    };
    for (const bool is_far : {false, true}) {
        const int x = is_far ? other(across_, pixel.x) : near(across_, pixel.x);
        const int y = is_far ? other(down_, pixel.y) : near(down_, pixel.y);
        if (across_.halved && y >= first_row && y < end_row &&
            try_line(true, y, near(across_, pixel.x), first_row, end_row))
            return true;
        if (down_.halved && try_line(false, x, near(down_, pixel.y), first_row, end_row)) return true;
    }
    return false;
}

}  // namespace residua::codec
