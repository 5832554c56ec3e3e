#include "planes/jpeg_smoothing.h"

#include <algorithm>
#include <cstdint>

namespace residua::codec {

namespace {

constexpr int kSide = 2 * JpegSmoothing::kAround + 1;
using Weights = std::array<std::array<int16_t, kSide>, kSide>;  // of means, [row][column]

// Coefficient k of a block is Σ weight · mean / 256, in units of its own step. Where only DC is known: for
// all ten; DC itself is smoothed, too.
constexpr std::array<Weights, JpegSmoothing::kCoefficients> kFromDcOnly = {{
    {{{-2, -6, -8, -6, -2},
      {-6, 6, 42, 6, -6},
      {-8, 42, 152, 42, -8},
      {-6, 6, 42, 6, -6},
      {-2, -6, -8, -6, -2}}},
    {{{-1, -1, 0, 1, 1}, {-3, 13, 0, -13, 3}, {-3, 38, 0, -38, 3}, {-3, 13, 0, -13, 3}, {-1, -1, 0, 1, 1}}},
    {{{-1, -3, -3, -3, -1}, {-1, 13, 38, 13, -1}, {}, {1, -13, -38, -13, 1}, {1, 3, 3, 3, 1}}},
    {{{0, 0, 1, 0, 0}, {0, 2, 7, 2, 0}, {0, -5, -14, -5, 0}, {0, 2, 7, 2, 0}, {0, 0, 1, 0, 0}}},
    {{{-1, 0, 0, 0, 1}, {0, 9, 0, -9, 0}, {}, {0, -9, 0, 9, 0}, {1, 0, 0, 0, -1}}},
    {{{}, {0, 2, -5, 2, 0}, {1, 7, -14, 7, 1}, {0, 2, -5, 2, 0}, {}}},
    {{{}, {0, 1, 0, -1, 0}, {0, 2, 0, -2, 0}, {0, 1, 0, -1, 0}, {}}},
    {{{}, {0, 1, -3, 1, 0}, {}, {0, -1, 3, -1, 0}, {}}},
    {{{}, {0, 1, 0, -1, 0}, {0, -3, 0, 3, 0}, {0, 1, 0, -1, 0}, {}}},
    {{{}, {0, 1, 2, 1, 0}, {}, {0, -1, -2, -1, 0}, {}}},
}};

// Where something is known of others: for five AC coefficients.
constexpr int kEstimated = 5;
constexpr std::array<Weights, kEstimated + 1> kBesideOthers = {{
    {},
    {{{}, {}, {-7, 50, 0, -50, 7}, {}, {}}},
    {{{0, 0, -7, 0, 0}, {0, 0, 50, 0, 0}, {}, {0, 0, -50, 0, 0}, {0, 0, 7, 0, 0}}},
    {{{0, 0, -1, 0, 0}, {0, 0, 13, 0, 0}, {0, 0, -24, 0, 0}, {0, 0, 13, 0, 0}, {0, 0, -1, 0, 0}}},
    {{{0, -1, 0, 1, 0}, {-1, 10, 0, -10, 1}, {}, {1, -10, 0, 10, -1}, {0, 1, 0, -1, 0}}},
    {{{}, {}, {-1, 13, -24, 13, -1}, {}, {}}},
}};

}  // namespace

std::vector<JpegSmoothing> JpegSmoothing::of(const jpeg::JpegPart& part) {
    if (!part.frame.progressive()) return {};
    std::vector<JpegSmoothing> all(part.frame.components.size());
    for (size_t k = 0; k < all.size(); ++k) {
        all[k].layout_ = part.frame.components[k];
        all[k].mcu_rows_ = part.frame.mcu_rows;
        all[k].last_good_row_ = last_good_row(part);
        all[k].bits_.fill(-1);
    }
    for (size_t i = 0; i < part.scans.size(); ++i) {
        const jpeg::Scan& scan = part.scans[i].scan;
        for (const jpeg::Scan::Part& of : scan.parts) {
            JpegSmoothing& s = all[of.component];
            for (int k = std::min(scan.first, 1); k < kCoefficients; ++k)
                s.bits_before_[static_cast<size_t>(k)] = i == 0 ? 0 : s.bits_[static_cast<size_t>(k)];
            for (int k = scan.first; k <= std::min(scan.last, kCoefficients - 1); ++k)
                s.bits_[static_cast<size_t>(k)] = scan.low;
        }
    }
    bool useful = false;
    for (JpegSmoothing& s : all) {
        if (part.scans.size() <= 1) s.bits_before_.fill(-1);
        if (s.bits_[0] < 0) return {};
        for (size_t k = 0; k < kCoefficients; ++k)
            if (s.layout_.steps[jpeg::kZigzag[k]] == 0) return {};
        useful =
            useful || std::any_of(s.bits_.begin() + 1, s.bits_.end(), [](int bits) { return bits != 0; });
    }
    if (!useful) all.clear();
    return all;
}

int JpegSmoothing::last_good_row(const jpeg::JpegPart& part) {
    if (part.scans.empty()) return 0;
    const jpeg::JpegPart::ScanPart& last = part.scans.back();
    const jpeg::McuGrid grid = mcu_grid(part.frame, last.scan);
    const auto row = static_cast<int>(std::min(last.recipe.mcus, grid.count() - 1) / grid.columns);
    return last.scan.interleaved() ? row : row / part.frame.components[last.scan.parts[0].component].down;
}

std::array<int, kSide> JpegSmoothing::rows_around(int row) const {
    // libjpeg goes by rows of MCUs, and looks one row of them beyond at most beside the picture's borders.
    const int mcu_row = row / layout_.down, within = row % layout_.down, last = mcu_rows_ - 1;
    const int here = mcu_row < last ? layout_.down : (layout_.own_rows - 1) % layout_.down + 1;
    const int above = within > 0 || mcu_row > 0 ? row - 1 : row;
    const int far_above = within > 1 || mcu_row > 1 ? row - 2 : above;
    const int below = within < here - 1 || mcu_row < last ? row + 1 : row;
    const int far_below = within < here - 2 || mcu_row + 1 < last ? row + 2 : below;
    return {far_above, above, row, below, far_below};
}

void JpegSmoothing::estimate(const std::array<const int16_t*, kSide>& rows, int row, int first, int end,
                             int16_t* to) const {
    const Bits& bits = row / layout_.down > last_good_row_ ? bits_before_ : bits_;
    const int last = layout_.own_columns - 1;
    Means means;
    for (size_t i = 0; i < kSide; ++i) means[i].fill(rows[i][0]);
    // From the first column on, since in pictures of two columns some means stay what they began as.
    for (int column = 0; column < end; ++column) {
        for (size_t i = 0; i < kSide; ++i) {
            if (column == 0 && column < last) means[i][kAround + 1] = rows[i][kBlockSize];
            if (column + 1 < last) means[i][kAround + 2] = rows[i][kBlockSize * (column + 2)];
        }
        if (column >= first) {
            std::copy_n(rows[kAround] + ptrdiff_t{kBlockSize} * column, kBlockSize, to);
            estimate_block(means, bits, to);
            to += kBlockSize;
        }
        for (auto& of_row : means) std::copy(of_row.begin() + 1, of_row.end(), of_row.begin());
    }
}

void JpegSmoothing::estimate_block(const Means& means, const Bits& bits, int16_t* block) const {
    const auto estimated = [&](const Weights& weights, size_t k, int64_t most) {
        int64_t sum = 0;
        for (size_t y = 0; y < kSide; ++y)
            for (size_t x = 0; x < kSide; ++x) sum += weights[y][x] * means[y][x];
        sum *= layout_.steps[0];
        const int64_t step = layout_.steps[jpeg::kZigzag[k]];
        const int64_t size = std::min(((step << 7) + (sum < 0 ? -sum : sum)) / (step << 8), most);
        return static_cast<int16_t>(sum < 0 ? -size : size);
    };
    const bool dc_only = std::all_of(bits.begin() + 1, bits.end(), [](int of) { return of == -1; });
    const size_t end = dc_only ? kCoefficients : kEstimated + 1;
    for (size_t k = 1; k < end; ++k) {
        int16_t& value = block[jpeg::kZigzag[k]];
        if (bits[k] == 0 || value != 0) continue;
        // It was 0 in the bits that are known.
        const int64_t most = bits[k] > 0 ? (int64_t{1} << bits[k]) - 1 : INT64_MAX;
        value = estimated(dc_only ? kFromDcOnly[k] : kBesideOthers[k], k, most);
    }
    if (dc_only) block[0] = estimated(kFromDcOnly[0], 0, INT64_MAX);
}

}  // namespace residua::codec
