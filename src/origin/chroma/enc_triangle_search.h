// The integer part of enc_triangle_solver.h: from a guess
// of the samples to one that breaks no inequality, or few.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/memory.h"
#include "base/thread_pool.h"
#include "image/picture.h"
#include "planes/chroma_upsampling.h"

namespace residua::codec {

// kQuick leaves a per cent or two of the pixels wrong, which suffices to tell one filter from another.
enum class SolverEffort { kQuick, kFull };

// An axis of a filter as its samples see it.
struct SampleAxis {
    // Sample i has these weights in pixels first … first + count − 1.
    struct Reach {
        int first, count;
        std::array<int, 4> weight;
    };

    SampleAxis(const UpsamplingTap (&filter_taps)[2], bool is_halved, int sample_count, Allocator& allocator);

    int pixels() const { return halved ? 2 * samples : samples; }
    int unit() const { return taps[0].near + taps[0].other; }  // sum of a pixel's weights

    const UpsamplingTap (&taps)[2];
    bool halved;
    int samples;
    Buffer<Reach> reach;
};

class TriangleSearch {
  public:
    // Of the pixels of the filter's whole output, across.pixels() × down.pixels().
    TriangleSearch(const SampleAxis& across, const SampleAxis& down, const UpsamplingFilter& filter,
                   Allocator& allocator);

    int16_t* samples(int row) { return samples_.data() + static_cast<ptrdiff_t>(across_.samples) * row; }
    // bounds(x): the lowest and the highest value that pixel (x, y) may have. After samples(), before run().
    template <typename Bounds>
    void set_pixels(int y, const Bounds& bounds);
    void run(SolverEffort effort, ThreadPool& threads);

  private:
    struct Move {
        int x, y, step;
    };
    struct Pixel {
        int x, y;
    };

    int16_t* excess(int y) { return excess_.data() + static_cast<ptrdiff_t>(across_.pixels()) * y; }
    uint8_t* spread(int y) { return spread_.data() + static_cast<ptrdiff_t>(across_.pixels()) * y; }
    int most(int spread) const { return ((spread + 1) << filter_.shift) - 1; }
    // Squared while small, then hardly growing: a pixel that
    // something else changed must not drag others along.
    int cost(int excess, int most) const {
        const int out = excess < 0 ? -excess : std::max(0, excess - most);
        return out <= knee_ ? out * out : knee_ * knee_ + (out - knee_) / 4;
    }
    bool is_wrong(int x, int y) { return excess(y)[x] < 0 || excess(y)[x] > most(spread(y)[x]); }

    int change(const Move& move);  // of the sum of costs
    void apply(const Move& move);
    template <typename Visit>
    void for_moves(const Pixel& pixel, int first_row, int end_row, const Visit& visit);
    bool try_single(const Pixel& pixel, int first_row, int end_row);
    bool try_pair(const Pixel& pixel, int first_row, int end_row);
    bool try_lines(const Pixel& pixel, int first_row, int end_row);
    bool try_line(bool is_row, int line, int middle, int first_row, int end_row);
    bool try_walk(const Pixel& pixel, int longest, int first_row, int end_row);
    void run_band(SolverEffort effort, int longest_walk, int first_row, int end_row);

    const SampleAxis& across_;
    const SampleAxis& down_;
    const UpsamplingFilter& filter_;
    int knee_;
    Buffer<int16_t> samples_;
    // Of pixels: Σ weight · sample + rounding − 2^shift · lowest, which is 0 … most(highest − lowest) if the
    // pixel comes out; highest − lowest.
    Buffer<int16_t> excess_;
    Buffer<uint8_t> spread_;
};

template <typename Bounds>
void TriangleSearch::set_pixels(int y, const Bounds& bounds) {
    const int parity_y = down_.halved ? y & 1 : 0, row = down_.halved ? y >> 1 : y;
    const UpsamplingTap& vertical = down_.taps[parity_y];
    const int16_t* near = samples(row);
    const int16_t* other = samples(std::clamp(row + vertical.step, 0, down_.samples - 1));
    int16_t* to = excess(y);
    for (int x = 0; x < across_.pixels(); ++x) {
        const int parity_x = across_.halved ? x & 1 : 0, k = across_.halved ? x >> 1 : x;
        const UpsamplingTap& tap = across_.taps[parity_x];
        const int beside = std::clamp(k + tap.step, 0, across_.samples - 1);
        const int sum = tap.near * (vertical.near * near[k] + vertical.other * other[k]) +
                        tap.other * (vertical.near * near[beside] + vertical.other * other[beside]) +
                        filter_.rounding[parity_y][parity_x];
        const std::pair<int, int> range = bounds(x);
        to[x] = static_cast<int16_t>(sum - range.first * (1 << filter_.shift));
        spread(y)[x] = static_cast<uint8_t>(range.second - range.first);
    }
}

}  // namespace residua::codec
