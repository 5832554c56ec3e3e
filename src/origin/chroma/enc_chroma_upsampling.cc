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
constexpr int kBorderBand = 16;  // pixels
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

    // The share of wrong pixels in the better half of the windows, as something may have been drawn over the
    // others; 1 as soon as it is clear that it is too large. For several threads at once.
    double wrong(const ChromaGrid& grid) const {
        ThreadPool alone(1);
        Picture samples(allocator_, grid.width(width_), grid.height(height_), kChroma);
        Picture bounds(allocator_, width_, height_, kBounds);
        uint8_t row[kChroma * kWindow];
        std::array<Count, kWindows> counts;
        int bad = 0;
        // Of a small picture a wrong pixel or two are a large share.
        const bool is_whole = width_ == rgb_.width && height_ == rgb_.height;
        const SolverEffort effort = is_whole ? SolverEffort::kFull : SolverEffort::kQuick;
        for (size_t i = 0; i < kWindows; ++i) {
            const Window& window = windows_[i];
            Count& count = counts[i];
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
            bad += count.share() > 2 * kMostWrongQuick;
            if (bad > kWindows / 2) return 1;
        }
        std::ranges::stable_sort(counts, {}, &Count::share);
        Count better;
        int taken = 0;
        for (const Count& count : counts) {
            if (count.pixels == 0 || taken == kWindows / 2) continue;
            better.pixels += count.pixels;
            better.wrong += count.wrong;
            ++taken;
        }
        return better.share();
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

// Without the first or last columns or rows.
Picture trimmed(const Picture& samples, int left, int top, int right, int bottom, Allocator& allocator) {
    Picture out(allocator, samples.width - left - right, samples.height - top - bottom, kChroma);
    for (int y = 0; y < out.height; ++y)
        std::memcpy(out.row(y), samples.row(y + top) + ptrdiff_t{kChroma} * left,
                    static_cast<size_t>(kChroma * out.width));
    return out;
}

// One of the picture's four borders: a band of pixels along it.
struct Border {
    bool is_row, is_last;

    PictureView band(const PictureView& x) const {
        const int size = is_row ? x.height : x.width, depth = std::min(kBorderBand, size);
        const int first = is_last ? (size - depth) & ~1 : 0, count = is_last ? size - first : depth;
        return is_row ? part(x, 0, first, x.width, count) : part(x, first, 0, count, x.height);
    }
    // The grid of the band, with the sample beyond the border or without.
    ChromaGrid grid(const ChromaGrid& picture, bool with_border) const {
        ChromaGrid grid = picture;
        if (with_border && is_last) (is_row ? grid.more_y : grid.more_x) = true;
        if (with_border && !is_last) (is_row ? grid.offset_y : grid.offset_x) = 2;
        return grid;
    }
    Picture without(const Picture& samples, Allocator& allocator) const {
        return trimmed(samples, !is_row && !is_last, is_row && !is_last, !is_row && is_last,
                       is_row && is_last, allocator);
    }
};

// Of the outermost row (column) of a band.
int64_t wrong_at_border(const Border& border, const ChromaGrid& grid, const PictureView& rgb,
                        const PictureView& triples, const Picture& samples, uint8_t* row) {
    const int line = !border.is_last ? 0 : border.is_row ? rgb.height - 1 : rgb.width - 1;
    if (border.is_row) return count_row(grid, rgb, triples, samples.view(), line, 0, rgb.width, row).wrong;
    int64_t wrong = 0;
    for (int y = 0; y < rgb.height; ++y)
        wrong += count_row(grid, rgb, triples, samples.view(), y, line, line + 1, row).wrong;
    return wrong;
}

// What the samples of a border may take, in bits.
double border_cost(const Border& border, const Picture& samples) {
    const int size = border.is_row ? samples.width : samples.height;
    const auto at = [&](int i, int c) {
        const int x = border.is_row ? i : border.is_last ? samples.width - 1 : 0;
        const int y = !border.is_row ? i : border.is_last ? samples.height - 1 : 0;
        return int{samples.row(y)[kChroma * x + c]};
    };
    double bits = 0;
    for (int i = 1; i < size; ++i)
        for (int c = 0; c < kChroma; ++c)
            bits +=
                kBorderSampleBits + kBorderDifferenceBits * std::log2(1 + std::abs(at(i, c) - at(i - 1, c)));
    return bits;
}

// Whether samples beyond a border made its pixels: not where it is that of the JPEG itself, whose decoder
// repeats the outermost samples.
bool has_more(const Border& border, const ChromaGrid& grid, const PictureView& whole_rgb,
              const PictureView& whole_triples, const ClampedChroma& clamped, Session& session) {
    const PictureView rgb = border.band(whole_rgb), triples = border.band(whole_triples);
    const ChromaGrid with = border.grid(grid, true), without = border.grid(grid, false);
    if (!with.is_valid() || (with.more_x && !grid.may_have_more_x(rgb.width)) ||
        (with.more_y && !grid.may_have_more_y(rgb.height)))
        return false;
    Picture bounds(session.allocator, rgb.width, rgb.height, kBounds);
    // Of the band's last line but the border's own, whose neighbours it does not have, nothing is known.
    const int inner = border.is_last ? 0 : border.is_row ? rgb.height - 1 : rgb.width - 1;
    for (int y = 0; y < rgb.height; ++y) {
        bounds_row(rgb, triples, clamped, y, bounds.row(y));
        for (int x = 0; x < rgb.width; ++x)
            if (border.is_row ? y == inner && rgb.height < whole_rgb.height
                              : x == inner && rgb.width < whole_rgb.width)
                std::memcpy(bounds.row(y) + kBounds * x, kAnyChroma.data(), kBounds);
    }
    Picture samples(session.allocator, with.width(rgb.width), with.height(rgb.height), kChroma);
    for (int c = 1; c <= kChroma; ++c)
        solve_triangle(with, triples, bounds.view(), c, samples.mutable_view(), SolverEffort::kFull,
                       session.allocator, session.threads);
    Buffer<uint8_t> row(session.allocator, product(rgb.width, kChroma));
    const Picture less = border.without(samples, session.allocator);
    const int64_t gain = wrong_at_border(border, without, rgb, triples, less, row.data()) -
                         wrong_at_border(border, with, rgb, triples, samples, row.data());
    return static_cast<double>(gain) * kWrongPixelBits > border_cost(border, samples);
}

// With a sample more at each border where one had a part in the pixels.
ChromaGrid with_borders(const ChromaGrid& grid, const PictureView& rgb, const PictureView& triples,
                        const ClampedChroma& clamped, Session& session) {
    ChromaGrid all = grid;
    for (const Border border : {Border{true, false}, {true, true}, {false, false}, {false, true}}) {
        const int offset = border.is_row ? grid.offset_y : grid.offset_x;
        if (!border.is_last && offset > 0) continue;
        if (has_more(border, grid, rgb, triples, clamped, session)) all = border.grid(all, true);
    }
    return all;
}

}  // namespace

std::optional<ChromaSolution> find_chroma_samples(const PictureView& rgb, const PictureView& triples,
                                                  std::span<const Upsampling> allowed,
                                                  const ClampedChroma& clamped, Session& session) {
    const std::optional<ChromaGrid> grid = choose_grid(rgb, triples, allowed, clamped, session);
    if (!grid) return std::nullopt;
    const ChromaGrid whole = grid->upsampling == Upsampling::kPhotoCd
                                 ? *grid
                                 : with_borders(*grid, rgb, triples, clamped, session);
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
