#include "origin/blocks/enc_block_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "origin/blocks/enc_forward_dct.h"
#include "planes/dct_plane.h"

namespace residua::codec {

namespace {

constexpr int kGrids = kBlockSide * kBlockSide;
// A window holds one block of each of the 64 grids.
constexpr int kWindow = 2 * kBlockSide - 1;
constexpr int kMostWindows = 512;
constexpr size_t kFewWindows = 8;
constexpr int kMostCandidates = 4 * kMostWindows;

// Under a wrong grid the distance r of a coefficient to the nearest whole
// number is uniform: E r² = 1/12, and 1/180 is the variance of r². Under the
// right one r is rounding noise of variance 1/12, wrapped: E r² = 0.064.
constexpr float kUniformSquare = 1.0F / 12;
constexpr double kSquareDeviation = 0.0745356;
// In deviations of what chance gives; grids of no JPEG reached 8.6, and led the second by up to 1.2.
constexpr double kLeastDeviations = 7;
constexpr double kLeastLead = 4;
// Of the grid with the most zeros over the second, in deviations of their number. No JPEG: 1.0; JPEGs of the
// lowest qualities, whose blocks hang together, 4.8 and more.
constexpr double kLeastZeroLead = 4;

struct Evidence {
    double sum = 0;  // of 1/12 − r², of the coefficients of 1 and more, which rounding does not make of zero
    double count = 0;
    double zeros = 0;  // coefficients below 1/2, of which rounding makes 92 % of what was zero
    void add(const Evidence& other) {
        sum += other.sum;
        count += other.count;
        zeros += other.zeros;
    }
    double deviations() const { return count > 0 ? sum / (kSquareDeviation * std::sqrt(count)) : 0; }
    double zero_count() const { return zeros; }
};

struct Window {
    int x, y, activity;
};

// Negative: has samples that are not known.
int activity_of(const PlaneSamples& plane, int left, int top) {
    int sum = 0;
    for (int y = top; y < top + kWindow; ++y)
        for (int x = left; x < left + kWindow; ++x) {
            if (!plane.is_exact(x, y)) return -1;
            if (x > left) sum += std::abs(plane.sample(x, y) - plane.sample(x - 1, y));
            if (y > top) sum += std::abs(plane.sample(x, y) - plane.sample(x, y - 1));
        }
    return sum;
}

// The liveliest of windows that lie all over the plane: these have coefficients that are not zero.
// clamped: how many were passed over, as not all of their samples are known.
std::vector<Window> choose_windows(const PlaneSamples& plane, int& clamped, ThreadPool& threads) {
    const int free_x = plane.width() - kWindow, free_y = plane.height() - kWindow;
    std::vector<Window> windows;
    if (free_x < 0 || free_y < 0) return windows;
    const double area = static_cast<double>(plane.width()) * plane.height();
    const int step = std::max(kWindow, static_cast<int>(std::sqrt(area / kMostCandidates)));
    const auto columns = static_cast<size_t>(free_x / step + 1),
               rows = static_cast<size_t>(free_y / step + 1);
    windows.resize(columns * rows);
    threads.parallel_for(static_cast<int64_t>(rows), [&](int64_t row, int) {
        for (size_t i = 0; i < columns; ++i) {
            const int x = static_cast<int>(i) * step, y = static_cast<int>(row) * step;
            windows[static_cast<size_t>(row) * columns + i] = {x, y, activity_of(plane, x, y)};
        }
    });
    for (const Window& window : windows) clamped += window.activity < 0;
    std::erase_if(windows, [](const Window& window) { return window.activity <= 0; });
    std::ranges::stable_sort(windows, std::ranges::greater(), &Window::activity);
    const size_t count = std::min<size_t>(kMostWindows, std::max<size_t>(32, windows.size() / 2));
    if (windows.size() > count) windows.resize(count);
    return windows;
}

// Coefficients that are multiples of 1/8 whatever the picture is say nothing.
bool says_something(int frequency) {
    return frequency % (kBlockSide / 2) != 0 || frequency / kBlockSide % (kBlockSide / 2) != 0;
}

void add_block(const float* columns, Evidence& evidence) {
    float coefficients[kBlockSize];
    forward_dct_lanes(columns, coefficients);
    float sum = 0, count = 0, zeros = 0;
    for (int k = 0; k < kBlockSize; ++k) {
        const float value = std::fabs(coefficients[k]);
        const float r = value - static_cast<float>(static_cast<int>(value + 0.5F));
        const float known = value >= 1 && says_something(k) ? 1.0F : 0.0F;
        zeros += value < 0.5F && k > 0 ? 1.0F : 0.0F;
        sum += known * (kUniformSquare - r * r);
        count += known;
    }
    evidence.sum += static_cast<double>(sum);
    evidence.count += static_cast<double>(count);
    evidence.zeros += static_cast<double>(zeros);
}

void add_window(const PlaneSamples& plane, const Window& window, std::array<Evidence, kGrids>& evidence) {
    // Vertical transforms at every position first: [dy][v][x].
    float samples[kWindow * kWindow];
    for (int y = 0; y < kWindow; ++y)
        for (int x = 0; x < kWindow; ++x)
            samples[kWindow * y + x] = static_cast<float>(plane.sample(window.x + x, window.y + y));
    for (int dy = 0; dy < kBlockSide; ++dy) {
        float vertical[kBlockSide * 2 * kBlockSide];  // [x][v]
        for (int first : {0, kWindow - kBlockSide}) {
            float in[kBlockSize], out[kBlockSize];
            for (int y = 0; y < kBlockSide; ++y)
                for (int x = 0; x < kBlockSide; ++x)
                    in[kBlockSide * y + x] = samples[kWindow * (dy + y) + first + x];
            forward_dct_lanes(in, out);
            for (int v = 0; v < kBlockSide; ++v)
                for (int x = 0; x < kBlockSide; ++x)
                    vertical[kBlockSide * (first + x) + v] = out[kBlockSide * v + x];
        }
        // A block at (window.x + dx, window.y + dy) begins a block of the grid.
        const int offset_y = (kBlockSide - (window.y + dy) % kBlockSide) % kBlockSide;
        for (int dx = 0; dx < kBlockSide; ++dx) {
            const int offset_x = (kBlockSide - (window.x + dx) % kBlockSide) % kBlockSide;
            add_block(vertical + kBlockSide * dx,
                      evidence[static_cast<size_t>(kBlockSide * offset_y + offset_x)]);
        }
    }
}

using Measure = double (Evidence::*)() const;

int leader(const std::array<Evidence, kGrids>& evidence, Measure measure) {
    const auto less = [&](const Evidence& a, const Evidence& b) { return (a.*measure)() < (b.*measure)(); };
    return static_cast<int>(std::ranges::max_element(evidence, less) - evidence.begin());
}

// Of the leader over the second.
double lead(const std::array<Evidence, kGrids>& evidence, int best, Measure measure) {
    double second = -1e30;
    for (int i = 0; i < kGrids; ++i)
        if (i != best) second = std::max(second, (evidence[static_cast<size_t>(i)].*measure)());
    return (evidence[static_cast<size_t>(best)].*measure)() - second;
}

BlockGrid grid_of(int index) { return {index % kBlockSide, index / kBlockSide}; }

}  // namespace

std::vector<BlockGrid> find_block_grids(const PlaneSamples& plane, ThreadPool& threads) {
    int clamped = 0;
    const std::vector<Window> windows = choose_windows(plane, clamped, threads);
    // Black text on white is clamped everywhere. Where it was not cropped, this is the grid.
    if (windows.size() < kFewWindows && clamped > 0) return {{0, 0}};
    std::vector<std::array<Evidence, kGrids>> parts(windows.size());
    threads.parallel_for(static_cast<int64_t>(windows.size()), [&](int64_t i, int) {
        add_window(plane, windows[static_cast<size_t>(i)], parts[static_cast<size_t>(i)]);
    });
    std::array<Evidence, kGrids> evidence = {};
    for (const auto& part : parts)  // in their order, which rounding depends on
        for (size_t grid = 0; grid < kGrids; ++grid) evidence[grid].add(part[grid]);
    std::vector<BlockGrid> grids;
    const int nearest = leader(evidence, &Evidence::deviations);
    const double ahead = lead(evidence, nearest, &Evidence::deviations);
    if (evidence[static_cast<size_t>(nearest)].deviations() >= kLeastDeviations && ahead >= kLeastLead)
        grids.push_back(grid_of(nearest));
    // Few coefficients that are not zero: those that are show the grid.
    const int emptiest = leader(evidence, &Evidence::zero_count);
    const double more = lead(evidence, emptiest, &Evidence::zero_count);
    if (more > kLeastZeroLead * std::sqrt(evidence[static_cast<size_t>(emptiest)].zeros) &&
        (grids.empty() || emptiest != nearest))
        grids.push_back(grid_of(emptiest));
    return grids;
}

}  // namespace residua::codec
