#include "image/enc_windows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace residua {

namespace {

// Where interval i of `count` begins that are spread evenly over 0 … side − 1; count · length ≤ side.
int window_start(int side, int length, int count, int i) {
    return static_cast<int>(int64_t{side} * (2 * i + 1) / (2 * count)) - length / 2;
}

}  // namespace

std::vector<SampleWindow> sample_windows(int width, int height, const WindowPlan& plan) {
    const int64_t pixels = int64_t{width} * height;
    const auto wanted = static_cast<int>(std::clamp<int64_t>(
        pixels / (int64_t{plan.share} * plan.side * plan.side), plan.min_windows, plan.max_windows));
    const auto per_row = static_cast<int>(std::lround(std::sqrt(int64_t{wanted} * width / height)));
    const int columns = std::clamp(per_row, 1, std::clamp(width / plan.side, 1, wanted));
    const int rows = std::clamp(wanted / columns, 1, std::max(1, height / plan.side));
    const int side_x = std::min(width, plan.side), side_y = std::min(height, plan.side);
    std::vector<SampleWindow> windows;
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            windows.push_back({window_start(width, side_x, columns, j), window_start(height, side_y, rows, i),
                               side_x, side_y});
    return windows;
}

}  // namespace residua
