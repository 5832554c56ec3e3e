#include "planes/chroma_upsampling.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace residua::codec {

namespace {

constexpr int kChannels = 2;
constexpr UpsamplingTap kWhole = {1, 0, 0};
constexpr UpsamplingTap kTriangle[2] = {{3, 1, -1}, {3, 1, 1}};
constexpr UpsamplingTap kLinear[2] = {{2, 0, 0}, {1, 1, 1}};

// By Upsampling.
constexpr std::array<UpsamplingFilter, kUpsamplings> kFilters = {{
    {{kWhole, kWhole}, {kWhole, kWhole}, {{0, 0}, {0, 0}}, 0},
    {{kTriangle[0], kTriangle[1]}, {kTriangle[0], kTriangle[1]}, {{8, 7}, {8, 7}}, 4},
    {{kTriangle[0], kTriangle[1]}, {kWhole, kWhole}, {{1, 2}, {1, 2}}, 2},
    {{kWhole, kWhole}, {kTriangle[0], kTriangle[1]}, {{1, 1}, {2, 2}}, 2},
    {{kLinear[0], kLinear[1]}, {kLinear[0], kLinear[1]}, {{2, 2}, {2, 2}}, 2},
}};

}  // namespace

bool ChromaGrid::is_valid() const {
    const int most = upsampling == Upsampling::kPhotoCd ? 1 : 2;
    return static_cast<int>(upsampling) < kUpsamplings && offset_x >= 0 && offset_x <= most * halves_x() &&
           offset_y >= 0 && offset_y <= most * halves_y() && more_x <= halves_x() && more_y <= halves_y();
}

const UpsamplingFilter& upsampling_filter(Upsampling upsampling) {
    return kFilters[static_cast<size_t>(upsampling)];
}

void upsample_row(const ChromaGrid& grid, const PictureView& chroma, int width, int height, int y,
                  uint8_t* to) {
    const int columns = grid.width(width), rows = grid.height(height);
    const UpsamplingFilter& filter = upsampling_filter(grid.upsampling);
    y += grid.offset_y;
    const int parity_y = grid.halves_y() ? y & 1 : 0, row = grid.halves_y() ? y >> 1 : y;
    const UpsamplingTap vertical = filter.y[parity_y];
    const uint8_t* near = chroma.row(row);
    const uint8_t* other = chroma.row(std::clamp(row + vertical.step, 0, rows - 1));
    if (!grid.halves_x()) {
        const int rounding = filter.rounding[parity_y][0];
        for (int i = 0; i < kChannels * width; ++i)
            to[i] = static_cast<uint8_t>((vertical.near * near[i] + vertical.other * other[i] + rounding) >>
                                         filter.shift);
        return;
    }
    const auto pixel = [&](int column, int neighbour, int parity, int channel) {
        const auto sum = [&](int k) {
            const int i = kChannels * k + channel;
            return vertical.near * near[i] + vertical.other * other[i];
        };
        const UpsamplingTap& tap = filter.x[parity];
        return static_cast<uint8_t>(
            (tap.near * sum(column) + tap.other * sum(neighbour) + filter.rounding[parity_y][parity]) >>
            filter.shift);
    };
    const auto put = [&](int at, bool inside) {
        const int column = at >> 1, parity = at & 1, step = filter.x[parity].step;
        const int neighbour = inside ? column + step : std::clamp(column + step, 0, columns - 1);
        uint8_t* out = to + kChannels * (at - grid.offset_x);
        for (int c = 0; c < kChannels; ++c) out[c] = pixel(column, neighbour, parity, c);
    };
    const int end = width + grid.offset_x, inner = std::max(2, std::min(end, 2 * columns - 2) & ~1);
    for (int at = grid.offset_x; at < std::min(2, end); ++at) put(at, false);
    for (int at = 2; at < inner; at += 2) {
        put(at, true);
        put(at + 1, true);
    }
    for (int at = inner; at < end; ++at) put(at, false);
}

}  // namespace residua::codec
