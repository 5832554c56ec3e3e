#include "origin/chroma/enc_triangle_solver.h"

#include <algorithm>
#include <cmath>

namespace residua::codec {

namespace {

constexpr int kStrip = 64;  // columns that one thread solves together
constexpr int kProjections = 3;

// The normal equations of an axis: symmetric, tridiagonal; factorised once.
class AxisEquations {
  public:
    AxisEquations(const SampleAxis& axis, Allocator& allocator)
        : axis_(axis),
          beside_(allocator, axis.reach.size() + 1, 0.0f),
          inverse_(allocator, axis.reach.size()) {
        float beside = 0;  // the entry of this sample and the one before it
        for (size_t i = 0; i < axis.reach.size(); ++i) {
            const SampleAxis::Reach& reach = axis.reach[i];
            float diagonal = 0, next = 0;
            for (int k = 0; k < reach.count; ++k) {
                const int weight = reach.weight[static_cast<size_t>(k)];
                diagonal += static_cast<float>(weight * weight);
                if (i + 1 == axis.reach.size()) continue;
                const SampleAxis::Reach& after = axis.reach[i + 1];
                const int at = reach.first + k - after.first;
                if (at >= 0) next += static_cast<float>(weight * after.weight[static_cast<size_t>(at)]);
            }
            if (i > 0) {
                beside_[i] = beside * inverse_[i - 1];
                diagonal -= beside_[i] * beside;
            }
            inverse_[i] = 1 / diagonal;
            beside = next;
        }
    }

    // add(p, weight, to) adds weight · pixel p to each of the `lanes` unknowns at `to`; those of the next
    // sample are `stride` further.
    template <typename Add>
    void solve(const Add& add, int lanes, float* unknowns, ptrdiff_t stride) const {
        for (int i = 0; i < axis_.samples; ++i) {
            const auto at = static_cast<size_t>(i);
            const SampleAxis::Reach& reach = axis_.reach[at];
            float* to = unknowns + i * stride;
            for (int lane = 0; lane < lanes; ++lane) to[lane] = i > 0 ? -beside_[at] * to[lane - stride] : 0;
            for (int k = 0; k < reach.count; ++k)
                add(reach.first + k, static_cast<float>(reach.weight[static_cast<size_t>(k)] * axis_.unit()),
                    to);
        }
        for (int i = axis_.samples - 1; i >= 0; --i) {
            const auto at = static_cast<size_t>(i);
            float* to = unknowns + i * stride;
            for (int lane = 0; lane < lanes; ++lane) {
                to[lane] *= inverse_[at];
                if (i + 1 < axis_.samples) to[lane] -= beside_[at + 1] * to[lane + stride];
            }
        }
    }

  private:
    const SampleAxis& axis_;
    Buffer<float> beside_, inverse_;  // beside_: the lower factor's entries
};

// The plane over the reals. Alternating projections: the samples whose pixels are nearest, in least squares,
// to targets; then targets that lie inside their intervals as near as can be to the pixels of those samples.
class RealSolver {
  public:
    RealSolver(const UpsamplingFilter& filter, const SampleAxis& across, const SampleAxis& down,
               Allocator& allocator)
        : filter_(filter),
          across_(across),
          down_(down),
          equations_x_(across, allocator),
          equations_y_(down, allocator),
          targets_(allocator, product(across.pixels(), down.pixels())),
          half_(allocator, product(across.samples, down.pixels())),
          samples_(allocator, product(across.samples, down.samples)) {}

    const float* samples(int y) const { return samples_.data() + ptrdiff_t{across_.samples} * y; }

    // Of row y: value(x) of a pixel.
    template <typename Value>
    void set_targets(int y, const Value& value) {
        float* to = targets_.data() + ptrdiff_t{across_.pixels()} * y;
        for (int x = 0; x < across_.pixels(); ++x)
            to[x] = static_cast<float>(value(x)) + middle(parity(down_, y), parity(across_, x));
    }

    void solve(ThreadPool& threads) {
        threads.parallel_for(down_.pixels(), [&](int64_t y, int) {
            const float* row = targets_.data() + across_.pixels() * y;
            const auto add = [&](int p, float weight, float* to) { *to += weight * row[p]; };
            equations_x_.solve(add, 1, half_.data() + across_.samples * y, 1);
        });
        threads.parallel_for((across_.samples + kStrip - 1) / kStrip, [&](int64_t strip, int) {
            const int first = static_cast<int>(strip) * kStrip;
            const int lanes = std::min(kStrip, across_.samples - first);
            const auto add = [&](int p, float weight, float* to) {
                const float* from = half_.data() + ptrdiff_t{across_.samples} * p + first;
                for (int lane = 0; lane < lanes; ++lane) to[lane] += weight * from[lane];
            };
            equations_y_.solve(add, lanes, samples_.data() + first, across_.samples);
        });
    }

    // Row y; bounds(x): the lowest and highest value of a pixel.
    template <typename Bounds>
    void project(int y, const Bounds& bounds) {
        const int parity_y = parity(down_, y), row = down_.halved ? y >> 1 : y;
        const UpsamplingTap& vertical = down_.taps[parity_y];
        const float* near = samples(row);
        const float* other = samples(std::clamp(row + vertical.step, 0, down_.samples - 1));
        const auto step = static_cast<float>(1 << filter_.shift);
        const float radius = kInside * (step - 1) / (2 * step);
        float* to = targets_.data() + ptrdiff_t{across_.pixels()} * y;
        for (int x = 0; x < across_.pixels(); ++x) {
            const int parity_x = parity(across_, x), k = across_.halved ? x >> 1 : x;
            const UpsamplingTap& tap = across_.taps[parity_x];
            const int beside = std::clamp(k + tap.step, 0, across_.samples - 1);
            const auto sum = [&](int i) {
                return static_cast<float>(vertical.near) * near[i] +
                       static_cast<float>(vertical.other) * other[i];
            };
            const float pixel =
                (static_cast<float>(tap.near) * sum(k) + static_cast<float>(tap.other) * sum(beside)) / step;
            const std::pair<int, int> range = bounds(x);
            const float centre = middle(parity_y, parity_x);
            const float inside = std::clamp(pixel, static_cast<float>(range.first) + centre - radius,
                                            static_cast<float>(range.second) + centre + radius);
            to[x] = pixel + kRelaxation * (inside - pixel);
        }
    }

  private:
    static constexpr float kInside = 0.9f, kRelaxation = 1.6f;

    static int parity(const SampleAxis& axis, int p) { return axis.halved ? p & 1 : 0; }
    // Of a pixel's interval, less the pixel.
    float middle(int parity_y, int parity_x) const {
        const auto step = static_cast<float>(1 << filter_.shift);
        return ((step - 1) / 2 - static_cast<float>(filter_.rounding[parity_y][parity_x])) / step;
    }

    const UpsamplingFilter& filter_;
    const SampleAxis& across_;
    const SampleAxis& down_;
    AxisEquations equations_x_, equations_y_;
    Buffer<float> targets_, half_, samples_;
};

}  // namespace

void solve_triangle(const ChromaGrid& grid, const PictureView& pixels, const PictureView& bounds, int channel,
                    const MutablePictureView& samples, SolverEffort effort, Allocator& allocator,
                    ThreadPool& threads) {
    const int columns = grid.width(pixels.width), rows = grid.height(pixels.height);
    const UpsamplingFilter& filter = upsampling_filter(grid.upsampling);
    const SampleAxis across(filter.x, grid.halves_x(), columns, allocator);
    const SampleAxis down(filter.y, grid.halves_y(), rows, allocator);
    const auto bounds_at = [&](int at_x, int at_y) {
        const int x = at_x - grid.offset_x, y = at_y - grid.offset_y;
        if (y < 0 || y >= pixels.height || x < 0 || x >= pixels.width) return std::pair(0, 255);
        const uint8_t* pair = bounds.row(y) + bounds.channels * x + 2 * channel - 2;
        return std::pair<int, int>(pair[0], pair[1]);
    };
    const auto for_pixel_rows = [&](const auto& body) {
        threads.parallel_for(down.pixels(), [&](int64_t y, int) { body(static_cast<int>(y)); });
    };
    TriangleSearch search(across, down, filter, allocator);
    {
        RealSolver real(filter, across, down, allocator);
        for_pixel_rows([&](int y) {
            // A pixel that the picture does not have is like its neighbour that it has.
            const uint8_t* row = pixels.row(std::clamp(y - grid.offset_y, 0, pixels.height - 1)) + channel;
            real.set_targets(y, [&](int x) {
                return row[pixels.channels * std::clamp(x - grid.offset_x, 0, pixels.width - 1)];
            });
        });
        real.solve(threads);
        for (int i = 0; i < kProjections; ++i) {
            for_pixel_rows([&](int y) { real.project(y, [&](int x) { return bounds_at(x, y); }); });
            real.solve(threads);
        }
        threads.parallel_for(rows, [&](int64_t y, int) {
            const float* from = real.samples(static_cast<int>(y));
            std::transform(from, from + columns, search.samples(static_cast<int>(y)), [](float value) {
                return static_cast<int16_t>(std::clamp(std::lround(value), 0L, 255L));
            });
        });
    }
    for_pixel_rows([&](int y) { search.set_pixels(y, [&](int x) { return bounds_at(x, y); }); });
    search.run(effort, threads);
    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < columns; ++x)
            samples.row(y)[samples.channels * x + channel - 1] = static_cast<uint8_t>(search.samples(y)[x]);
}

}  // namespace residua::codec
