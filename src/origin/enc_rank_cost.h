// What a plane of any depth may cost: an estimate that compares ways to number its values.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "image/med.h"

namespace residua::codec {

struct RankCost {
    double bits = 0;        // of the whole plane
    double mean_error = 0;  // of MED, the predictor of JPEG-LS
};

// at(y, x): a sample. One row in some is looked at, with the one above it: about 2^17 samples. A residual is
// a Laplacian's whose width the residuals around it suggest.
template <typename At>
RankCost rank_cost(int width, int height, const At& at) {
    constexpr int64_t kSamples = int64_t{1} << 17;
    const int64_t rows = std::max<int64_t>(kSamples / width, 1);
    const int step = static_cast<int>(std::max<int64_t>(height / rows, 1));
    RankCost cost;
    int64_t seen = 0;
    for (int y = std::min(1, height - 1); y < height; y += step) {
        double scale = 2;
        for (int x = 1; x < width; ++x) {
            const int left = at(y, x - 1), up = y > 0 ? at(y - 1, x) : left,
                      corner = y > 0 ? at(y - 1, x - 1) : left;
            const double error = std::abs(at(y, x) - med(left, up, corner));
            const double activity = (std::abs(left - corner) + std::abs(up - corner)) / 4.0;
            const double wide = std::max(scale, activity) + 0.3;
            cost.bits += std::log2(2 * wide) + error / wide * 1.4427;
            cost.mean_error += error;
            scale += (error - scale) * 0.2;
            ++seen;
        }
    }
    if (seen == 0) return cost;
    cost.bits *= static_cast<double>(width) * height / static_cast<double>(seen);
    cost.mean_error /= static_cast<double>(seen);
    return cost;
}

}  // namespace residua::codec
