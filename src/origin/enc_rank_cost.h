// What a plane of any depth may cost: an estimate that compares ways to number its values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "image/med.h"

namespace residua::codec {

struct RankCost {
    double bits = 0;  // of the whole plane
    double calm = 0;  // what a quarter of the mean errors around samples does not exceed; 1/8 and more
};

// at(y, x): a sample; before(y, x): that of another plane, whose error is expected here, too. One row in some is looked at, with the one above it: about 2^17 samples, predicted as
// JPEG-LS does. A residual is a Laplacian's whose width the residuals before it suggest.
template <typename At, typename Before>
RankCost rank_cost(int width, int height, const At& at, const Before& before) {
    constexpr int64_t kSamples = int64_t{1} << 17;
    constexpr int kSteps = 8, kLeast = 3;  // of the errors around: per octave; the least are 2^−kLeast
    const int64_t rows = std::max<int64_t>(kSamples / width, 1);
    const int step = static_cast<int>(std::max<int64_t>(height / rows, 1));
    RankCost cost;
    int64_t seen = 0;
    std::vector<int64_t> around(static_cast<size_t>(kSteps) * 20);
    double smooth = 2;
    for (int y = std::min(1, height - 1); y < height; y += step) {
        double scale = 2;
        for (int x = 1; x < width; ++x) {
            const auto less = [&](int row, int column) { return at(row, column) - before(row, column); };
            const int left = less(y, x - 1), up = y > 0 ? less(y - 1, x) : left,
                      corner = y > 0 ? less(y - 1, x - 1) : left;
            const double error = std::abs(less(y, x) - med(left, up, corner));
            const double activity = (std::abs(left - corner) + std::abs(up - corner)) / 4.0;
            const double wide = std::max(scale, activity) + 0.3;
            cost.bits += std::log2(2 * wide) + error / wide * 1.4427;
            scale += (error - scale) * 0.2;
            smooth += (error - smooth) * 0.1;
            const double place = kSteps * (std::log2(smooth + 0.125) + kLeast);
            ++around[std::min(static_cast<size_t>(std::max(place, 0.0)), around.size() - 1)];
            ++seen;
        }
    }
    if (seen == 0) return cost;
    cost.bits *= static_cast<double>(width) * height / static_cast<double>(seen);
    size_t quarter = 0;
    for (int64_t sum = 0; quarter + 1 < around.size() && (sum += around[quarter]) < seen / 4;) ++quarter;
    cost.calm = std::exp2(static_cast<double>(quarter) / kSteps - kLeast);
    return cost;
}

template <typename At>
RankCost rank_cost(int width, int height, const At& at) {
    return rank_cost(width, height, at, [](int, int) { return 0; });
}

}  // namespace residua::codec
