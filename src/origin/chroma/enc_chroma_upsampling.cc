#include "origin/chroma/enc_chroma_upsampling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "origin/chroma/enc_triangle_solver.h"

namespace residua::codec {

namespace {

constexpr int kChroma = 2, kBounds = 4, kTriple = 3;
// Parts of the picture that candidates are tried on: those with the most chroma contrast of those looked at.
constexpr int kWindow = 48, kWindows = 8, kPlaces = 8;  // kPlaces along each side
// A pixel this near to a window's border depends on samples that the window does not tell about.
constexpr int kRing = 3;
// The quick solver leaves up to a few per cent wrong of what the filter did make.
constexpr double kMostWrongQuick = 0.08;
// Of samples beyond the border, which blocks may have for nothing; and of pixels that are wrong without them.
constexpr double kBorderSampleBits = 0.3, kBorderDifferenceBits = 1, kWrongPixelBits = 8;

PictureView part(const PictureView& x, int left, int top, int width, int height) {
    return {x.row(top) + static_cast<ptrdiff_t>(x.channels) * left, width, height, x.channels, x.stride};
}

void bounds_row(const PictureView& rgb, const PictureView& triples, const ClampedChroma& clamped, int y,
                uint8_t* to) {
    const uint8_t* pixel = rgb.row(y);
    const uint8_t* triple = triples.row(y);
    for (int x = 0; x < rgb.width; ++x, pixel += kTriple, triple += kTriple, to += kBounds) {
        ChromaBounds bounds = {triple[1], triple[1], triple[2], triple[2]};
        if (may_be_clamped(pixel)) bounds = clamped ? clamped(pixel) : kAnyChroma;
        std::memcpy(to, bounds.data(), kBounds);
    }
}

struct Count {
    int64_t pixels = 0, wrong = 0;

    double share() const { return pixels > 0 ? static_cast<double>(wrong) / static_cast<double>(pixels) : 0; }
};

// Of row y, of pixels left … end − 1 without a 0 or 255. `row`: memory for one.
Count count_row(const ChromaGrid& grid, const PictureView& rgb, const PictureView& triples,
                const PictureView& samples, int y, int left, int end, uint8_t* row) {
    upsample_row(grid, samples, rgb.width, rgb.height, y, row);
    Count count;
    for (int x = left; x < end; ++x) {
        if (may_be_clamped(rgb.row(y) + kTriple * x)) continue;
        ++count.pixels;
        count.wrong += std::memcmp(triples.row(y) + kTriple * x + 1, row + kChroma * x, kChroma) != 0;
    }
    return count;
}

struct Window {
    int left, top;
    int64_t contrast;
};

// Corners of windows: even, so that offsets are the picture's.
std::array<Window, kWindows> choose_windows(const PictureView& rgb, const PictureView& triples, int width,
                                            int height) {
    std::array<Window, kPlaces * kPlaces> windows;
    for (int i = 0; i < kPlaces * kPlaces; ++i) {
        const auto place = [](int at, int room) {
            return static_cast<int>(int64_t{room} * at / (kPlaces - 1)) & ~1;
        };
        Window& window = windows[static_cast<size_t>(i)];
        window = {place(i % kPlaces, rgb.width - width), place(i / kPlaces, rgb.height - height), 0};
        for (int y = window.top; y < window.top + height; ++y) {
            const uint8_t* pixel = rgb.row(y) + kTriple * window.left;
            const uint8_t* triple = triples.row(y) + kTriple * window.left;
            for (int x = 1; x < width; ++x, pixel += kTriple, triple += kTriple)
                if (!may_be_clamped(pixel) && !may_be_clamped(pixel + kTriple))
                    window.contrast += std::min(8, std::abs(triple[4] - triple[1])) +
                                       std::min(8, std::abs(triple[5] - triple[2]));
        }
    }
    std::ranges::stable_sort(windows, std::greater(), &Window::contrast);
    std::array<Window, kWindows> chosen;
    std::copy_n(windows.begin(), kWindows, chosen.begin());
    return chosen;
}

// Tries grids on windows of the picture.
class Trial {
  public:
    Trial(const PictureView& rgb, const PictureView& triples, const ClampedChroma& clamped,
          Allocator& allocator)
        : rgb_(rgb),
          triples_(triples),
          clamped_(clamped),
          allocator_(allocator),
          width_(std::min(kWindow, rgb.width)),
          height_(std::min(kWindow, rgb.height)),
          windows_(choose_windows(rgb, triples, width_, height_)) {}

    // The share of wrong pixels; 1 as soon as it is clear that it is too large. For several threads at once.
    double wrong(const ChromaGrid& grid) const {
        ThreadPool alone(1);
        Picture samples(allocator_, grid.width(width_), grid.height(height_), kChroma);
        Picture bounds(allocator_, width_, height_, kBounds);
        uint8_t row[kChroma * kWindow];
        Count count;
        // Of a small picture a wrong pixel or two are a large share.
        const bool is_whole = width_ == rgb_.width && height_ == rgb_.height;
        const SolverEffort effort = is_whole ? SolverEffort::kFull : SolverEffort::kQuick;
        for (const Window& window : windows_) {
            const PictureView rgb = part(rgb_, window.left, window.top, width_, height_);
            const PictureView triples = part(triples_, window.left, window.top, width_, height_);
            const int left = window.left > 0 ? kRing : 0, top = window.top > 0 ? kRing : 0;
            const int right = window.left + width_ < rgb_.width ? width_ - kRing : width_;
            const int bottom = window.top + height_ < rgb_.height ? height_ - kRing : height_;
            for (int y = 0; y < height_; ++y) {
                bounds_row(rgb, triples, clamped_, y, bounds.row(y));
                for (int x = 0; x < width_; ++x)
                    if ((x == 0 && left > 0) || (y == 0 && top > 0) || (x + 1 == width_ && right < width_) ||
                        (y + 1 == height_ && bottom < height_))
                        std::memcpy(bounds.row(y) + kBounds * x, kAnyChroma.data(), kBounds);
            }
            for (int c = 1; c <= kChroma; ++c)
                solve_triangle(grid, triples, bounds.view(), c, samples.mutable_view(), effort, allocator_,
                               alone);
            for (int y = top; y < bottom; ++y) {
                const Count more = count_row(grid, rgb, triples, samples.view(), y, left, right, row);
                count.pixels += more.pixels;
                count.wrong += more.wrong;
            }
            if (count.share() > 2 * kMostWrongQuick) return 1;
        }
        return count.share();
    }

  private:
    const PictureView& rgb_;
    const PictureView& triples_;
    const ClampedChroma& clamped_;
    Allocator& allocator_;
    int width_, height_;
    std::array<Window, kWindows> windows_;
};

std::optional<ChromaGrid> choose_grid(const PictureView& rgb, const PictureView& triples,
                                      std::span<const Upsampling> allowed, const ClampedChroma& clamped,
                                      Session& session) {
    std::array<ChromaGrid, 4 * kUpsamplings> grids;
    std::array<double, 4 * kUpsamplings> wrong;
    size_t count = 0;
    for (const Upsampling upsampling : allowed)
        for (int i = 0; i < 4 && count < grids.size(); ++i)
            if (const ChromaGrid grid = {upsampling, i % 2, i / 2}; grid.is_valid()) grids[count++] = grid;
    const Trial trial(rgb, triples, clamped, session.allocator);
    session.threads.parallel_for(static_cast<int64_t>(count), [&](int64_t i, int) {
        wrong[static_cast<size_t>(i)] = trial.wrong(grids[static_cast<size_t>(i)]);
    });
    const auto best = std::min_element(wrong.begin(), wrong.begin() + static_cast<ptrdiff_t>(count));
    if (count == 0 || *best > kMostWrongQuick) return std::nullopt;
    return grids[static_cast<size_t>(best - wrong.begin())];
}

// With a sample more at each border whose pixels one can have a part in.
ChromaGrid with_border(ChromaGrid grid, const PictureView& rgb) {
    if (grid.halves_x() && grid.offset_x == 0) grid.offset_x = 2;
    if (grid.halves_y() && grid.offset_y == 0) grid.offset_y = 2;
    grid.more_x = grid.may_have_more_x(rgb.width);
    grid.more_y = grid.may_have_more_y(rgb.height);
    return grid;
}

// Without the first or last columns or rows.
Picture trimmed(const Picture& samples, int left, int top, int right, int bottom, Allocator& allocator) {
    Picture out(allocator, samples.width - left - right, samples.height - top - bottom, kChroma);
    for (int y = 0; y < out.height; ++y)
        std::memcpy(out.row(y), samples.row(y + top) + ptrdiff_t{kChroma} * left,
                    static_cast<size_t>(kChroma * out.width));
    return out;
}

// Of the picture's first or last row (column) of pixels.
int64_t wrong_at_border(const ChromaGrid& grid, const PictureView& rgb, const PictureView& triples,
                        const Picture& samples, bool is_row, bool is_last, Buffer<uint8_t>& row) {
    const int first = !is_last ? 0 : is_row ? rgb.height - 1 : rgb.width - 1;
    if (is_row) return count_row(grid, rgb, triples, samples.view(), first, 0, rgb.width, row.data()).wrong;
    int64_t wrong = 0;
    for (int y = 0; y < rgb.height; ++y)
        wrong += count_row(grid, rgb, triples, samples.view(), y, first, first + 1, row.data()).wrong;
    return wrong;
}

// What the samples of a border may take, in bits.
double border_cost(const Picture& samples, bool is_row, bool is_last) {
    const int size = is_row ? samples.width : samples.height;
    const auto at = [&](int i, int c) {
        const int x = is_row ? i : is_last ? samples.width - 1 : 0;
        const int y = !is_row ? i : is_last ? samples.height - 1 : 0;
        return int{samples.row(y)[kChroma * x + c]};
    };
    double bits = 0;
    for (int i = 1; i < size; ++i)
        for (int c = 0; c < kChroma; ++c)
            bits +=
                kBorderSampleBits + kBorderDifferenceBits * std::log2(1 + std::abs(at(i, c) - at(i - 1, c)));
    return bits;
}

// Takes away the borders that are those of the JPEG itself, where its decoder repeats the outermost samples,
// or nearly so.
void trim_border(const PictureView& rgb, const PictureView& triples, ChromaSolution& solution,
                 Allocator& allocator) {
    Buffer<uint8_t> row(allocator, product(rgb.width, kChroma));
    for (const bool is_row : {true, false})
        for (const bool is_last : {false, true}) {
            ChromaGrid less = solution.grid;
            bool& more = is_row ? less.more_y : less.more_x;
            int& offset = is_row ? less.offset_y : less.offset_x;
            if (is_last ? !more : offset < 2) continue;
            if (is_last)
                more = false;
            else
                offset = 0;
            Picture samples = trimmed(solution.samples, !is_row && !is_last, is_row && !is_last,
                                      !is_row && is_last, is_row && is_last, allocator);
            const int64_t gain =
                wrong_at_border(less, rgb, triples, samples, is_row, is_last, row) -
                wrong_at_border(solution.grid, rgb, triples, solution.samples, is_row, is_last, row);
            if (static_cast<double>(gain) * kWrongPixelBits > border_cost(solution.samples, is_row, is_last))
                continue;
            solution.grid = less;
            solution.samples = std::move(samples);
        }
}

}  // namespace

std::optional<ChromaSolution> find_chroma_samples(const PictureView& rgb, const PictureView& triples,
                                                  std::span<const Upsampling> allowed,
                                                  const ClampedChroma& clamped, Session& session) {
    const std::optional<ChromaGrid> grid = choose_grid(rgb, triples, allowed, clamped, session);
    if (!grid) return std::nullopt;
    const ChromaGrid whole = grid->upsampling == Upsampling::kPhotoCd ? *grid : with_border(*grid, rgb);
    ChromaSolution solution = {
        whole, Picture(session.allocator, whole.width(rgb.width), whole.height(rgb.height), kChroma), 0};
    {
        Picture bounds(session.allocator, rgb.width, rgb.height, kBounds);
        session.threads.parallel_for(rgb.height, [&](int64_t y, int) {
            bounds_row(rgb, triples, clamped, static_cast<int>(y), bounds.row(static_cast<int>(y)));
        });
        for (int c = 1; c <= kChroma; ++c)
            solve_triangle(whole, triples, bounds.view(), c, solution.samples.mutable_view(),
                           SolverEffort::kFull, session.allocator, session.threads);
    }
    trim_border(rgb, triples, solution, session.allocator);
    const size_t row_bytes = kChroma * static_cast<size_t>(rgb.width);
    Buffer<uint8_t> rows(session.allocator, product(session.threads.size(), row_bytes));
    Buffer<Count> counts(session.allocator, static_cast<size_t>(rgb.height));
    session.threads.parallel_for(rgb.height, [&](int64_t y, int thread) {
        counts[static_cast<size_t>(y)] =
            count_row(solution.grid, rgb, triples, solution.samples.view(), static_cast<int>(y), 0, rgb.width,
                      rows.data() + static_cast<size_t>(thread) * row_bytes);
    });
    Count count;
    for (const Count& of_row : counts.span()) {
        count.pixels += of_row.pixels;
        count.wrong += of_row.wrong;
    }
    solution.wrong = count.share();
    if (solution.wrong > kMostWrongChroma) return std::nullopt;
    return solution;
}

}  // namespace residua::codec
