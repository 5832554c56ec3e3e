#include "origin/chroma/enc_triangle_search.h"

#include <algorithm>
#include <climits>

namespace residua::codec {

namespace {

constexpr int kBandRows = 64;  // of samples
constexpr int kSingleSweeps = 3, kPairSweeps = 2, kLineSweeps = 3;
constexpr int kShortWalk = 8, kLongWalk = 80;
// Neither so few, nor a smaller share than 1 / kHopeless, may be wrong where nothing better than the quick
// moves is tried.
constexpr int kFew = 64, kHopeless = 8;
// One failure for so many pixels is what pictures have
// that the filter did make; these are the most of a band.
constexpr int kFailedLines = 256, kFailedWalks = 1024;
constexpr int kWalkWindow = 8;  // pixels to each side of where the walk began

}  // namespace

SampleAxis::SampleAxis(const UpsamplingTap (&filter_taps)[2], bool is_halved, int sample_count,
                       Allocator& allocator)
    : taps(filter_taps),
      halved(is_halved),
      samples(sample_count),
      reach(allocator, static_cast<size_t>(sample_count), Reach{INT_MAX, 0, {}}) {
    for (int p = 0; p < pixels(); ++p) {
        const UpsamplingTap& tap = taps[halved ? p & 1 : 0];
        const int near = halved ? p >> 1 : p, other = std::clamp(near + tap.step, 0, samples - 1);
        const auto add = [&](int sample, int weight) {
            if (weight == 0) return;
            Reach& of = reach[static_cast<size_t>(sample)];
            of.first = std::min(of.first, p);
            of.count = p - of.first + 1;
            of.weight[static_cast<size_t>(p - of.first)] += weight;
        };
        add(near, tap.near);
        add(other, tap.other);
    }
}

TriangleSearch::TriangleSearch(const SampleAxis& across, const SampleAxis& down,
                               const UpsamplingFilter& filter, Allocator& allocator)
    : across_(across),
      down_(down),
      filter_(filter),
      knee_((1 << filter.shift) / 2),
      samples_(allocator, product(across.samples, down.samples)),
      excess_(allocator, product(across.pixels(), down.pixels())),
      spread_(allocator, excess_.size()) {}

int TriangleSearch::change(const Move& move) {
    const SampleAxis::Reach& across = across_.reach[static_cast<size_t>(move.x)];
    const SampleAxis::Reach& down = down_.reach[static_cast<size_t>(move.y)];
    const auto of_row = [&](int i, int count) {
        const int16_t* row = excess(down.first + i) + across.first;
        const uint8_t* spreads = spread(down.first + i) + across.first;
        const int step = move.step * down.weight[static_cast<size_t>(i)];
        int sum = 0;
        for (int k = 0; k < count; ++k) {
            const int limit = most(spreads[k]);
            sum += cost(row[k] + step * across.weight[static_cast<size_t>(k)], limit) - cost(row[k], limit);
        }
        return sum;
    };
    int sum = 0;
    if (across.count == 4)  // nearly always: the compiler unrolls it
        for (int i = 0; i < down.count; ++i) sum += of_row(i, 4);
    else
        for (int i = 0; i < down.count; ++i) sum += of_row(i, across.count);
    return sum;
}

void TriangleSearch::apply(const Move& move) {
    const SampleAxis::Reach& across = across_.reach[static_cast<size_t>(move.x)];
    const SampleAxis::Reach& down = down_.reach[static_cast<size_t>(move.y)];
    for (int i = 0; i < down.count; ++i) {
        int16_t* row = excess(down.first + i) + across.first;
        const int step = move.step * down.weight[static_cast<size_t>(i)];
        for (int k = 0; k < across.count; ++k)
            row[k] = static_cast<int16_t>(row[k] + step * across.weight[static_cast<size_t>(k)]);
    }
    samples(move.y)[move.x] = static_cast<int16_t>(samples(move.y)[move.x] + move.step);
}

// The moves that bring a wrong pixel nearer to its interval:
// of the (at most four) samples that it was made of.
template <typename Visit>
void TriangleSearch::for_moves(const Pixel& pixel, int first_row, int end_row, const Visit& visit) {
    const int step = excess(pixel.y)[pixel.x] < 0 ? 1 : -1;
    const auto each = [](const SampleAxis& axis, int p, const auto& body) {
        const int near = axis.halved ? p >> 1 : p;
        const int other = std::clamp(near + axis.taps[axis.halved ? p & 1 : 0].step, 0, axis.samples - 1);
        body(near);
        if (other != near) body(other);
    };
    each(down_, pixel.y, [&](int y) {
        if (y < first_row || y >= end_row) return;
        each(across_, pixel.x, [&](int x) {
            const int sample = samples(y)[x] + step;
            if (sample >= 0 && sample <= 255) visit(Move{x, y, step});
        });
    });
}

bool TriangleSearch::try_single(const Pixel& pixel, int first_row, int end_row) {
    int best = 0;
    Move chosen = {};
    for_moves(pixel, first_row, end_row, [&](const Move& move) {
        const int by = change(move);
        if (by >= best) return;
        best = by;
        chosen = move;
    });
    if (best < 0) apply(chosen);
    return best < 0;
}

// A move and one of a sample beside it.
bool TriangleSearch::try_pair(const Pixel& pixel, int first_row, int end_row) {
    int best = 0;
    Move chosen[2] = {};
    for_moves(pixel, first_row, end_row, [&](const Move& move) {
        const int by = change(move);
        apply(move);
        for (int y = std::max(first_row, move.y - 1); y <= std::min(end_row - 1, move.y + 1); ++y) {
            for (int x = std::max(0, move.x - 1); x <= std::min(across_.samples - 1, move.x + 1); ++x) {
                if (x == move.x && y == move.y) continue;
                for (const int step : {-1, 1}) {
                    const int sample = samples(y)[x] + step;
                    if (sample < 0 || sample > 255) continue;
                    const int both = by + change({x, y, step});
                    if (both >= best) continue;
                    best = both;
                    chosen[0] = move;
                    chosen[1] = {x, y, step};
                }
            }
        }
        apply({move.x, move.y, -move.step});
    });
    if (best == 0) return false;
    apply(chosen[0]);
    apply(chosen[1]);
    return true;
}

// Tabu search: the best move of those that help a wrong pixel nearby, even if it makes things worse, but none
// of a sample that was moved a moment ago; taken back unless it ends below the start.
bool TriangleSearch::try_walk(const Pixel& pixel, int longest, int first_row, int end_row) {
    constexpr int kTabu = 6;
    Move walked[kLongWalk];
    int total = 0, length = 0;
    int left = pixel.x, right = pixel.x, top = pixel.y, bottom = pixel.y;
    while (length < longest) {
        int best = INT_MAX;
        Move chosen = {};
        for (int y = top; y <= bottom; ++y) {
            for (int x = left; x <= right; ++x) {
                if (!is_wrong(x, y)) continue;
                for_moves({x, y}, first_row, end_row, [&](const Move& move) {
                    for (int i = std::max(0, length - kTabu); i < length; ++i)
                        if (walked[i].x == move.x && walked[i].y == move.y) return;
                    const int by = change(move);
                    if (by >= best) return;
                    best = by;
                    chosen = move;
                });
            }
        }
        if (best == INT_MAX) break;
        apply(chosen);
        walked[length++] = chosen;
        total += best;
        if (total < 0) return true;
        const SampleAxis::Reach& across = across_.reach[static_cast<size_t>(chosen.x)];
        const SampleAxis::Reach& down = down_.reach[static_cast<size_t>(chosen.y)];
        left = std::max(pixel.x - kWalkWindow, std::min(left, across.first));
        right = std::min(pixel.x + kWalkWindow, std::max(right, across.first + across.count - 1));
        top = std::max(pixel.y - kWalkWindow, std::min(top, down.first));
        bottom = std::min(pixel.y + kWalkWindow, std::max(bottom, down.first + down.count - 1));
    }
    while (length-- > 0) apply({walked[length].x, walked[length].y, -walked[length].step});
    return false;
}

void TriangleSearch::run_band(SolverEffort effort, int longest_walk, int first_row, int end_row) {
    const int factor = down_.halved ? 2 : 1;
    const int top = std::max(0, factor * first_row - 1);
    const int bottom = std::min(down_.pixels(), factor * end_row + 1);
    const auto sweep = [&](const auto& fix) {
        bool changed = false;
        for (int y = top; y < bottom; ++y)
            for (int x = 0; x < across_.pixels(); ++x)
                if (is_wrong(x, y)) changed |= fix(Pixel{x, y});
        return changed;
    };
    const auto single = [&](const Pixel& pixel) { return try_single(pixel, first_row, end_row); };
    const auto pair = [&](const Pixel& pixel) {
        return single(pixel) || try_pair(pixel, first_row, end_row);
    };
    // Where the filter did not make the pixels, along the seam of two pictures say, all of this fails, and
    // may not take long.
    const int64_t pixels = int64_t{across_.pixels()} * (bottom - top);
    int64_t lines_left = kFew + pixels / kFailedLines, walks_left = kFew + pixels / kFailedWalks;
    const auto within = [](int64_t& left, bool done) {
        left -= !done;
        return done;
    };
    const auto lines = [&](const Pixel& pixel) {
        return single(pixel) || (lines_left > 0 && within(lines_left, try_lines(pixel, first_row, end_row)));
    };
    const auto walk = [&](const Pixel& pixel) {
        return lines(pixel) ||
               (walks_left > 0 && within(walks_left, try_walk(pixel, longest_walk, first_row, end_row)));
    };
    for (int i = 0; i < kSingleSweeps && sweep(single); ++i) {
    }
    if (effort == SolverEffort::kQuick) return;
    int64_t wrong = 0;
    sweep([&](const Pixel&) {
        ++wrong;
        return false;
    });
    // Not the filter that made this band: all that follows would take long, and help little.
    if (wrong > kFew && wrong * kHopeless > pixels) return;
    for (int i = 0; i < kPairSweeps && sweep(pair); ++i) {
    }
    for (int i = 0; i < kLineSweeps && sweep(lines); ++i) {
    }
    sweep(walk);
}

// Bands of rows whose samples one thread moves while it only reads those of the bands beside it, which wait;
// then the same with other bands, whose middles are where the first had their borders.
void TriangleSearch::run(SolverEffort effort, ThreadPool& threads) {
    for (const int start : {0, -kBandRows / 2}) {
        const int bands = (down_.samples - start + kBandRows - 1) / kBandRows;
        for (const int odd : {0, 1})
            threads.parallel_for((bands + 1 - odd) / 2, [&](int64_t index, int) {
                const int first = start + (2 * static_cast<int>(index) + odd) * kBandRows;
                run_band(effort, start == 0 ? kShortWalk : kLongWalk, std::max(0, first),
                         std::min(first + kBandRows, down_.samples));
            });
    }
}

}  // namespace residua::codec
