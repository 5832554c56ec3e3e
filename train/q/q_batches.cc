#include "q/q_batches.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "q/q_windows.h"

namespace residua::train {

QBatches::QBatches(const std::vector<QPicture>& pictures, const QBatchSettings& settings)
    : pictures_(pictures), settings_(settings), order_(pictures.size()) {}

int64_t QBatches::per_epoch() const {
    return std::max<int64_t>(1, static_cast<int64_t>(pictures_.size()) / settings_.pictures);
}

QBatch QBatches::at(int64_t n) {
    shuffle(n / per_epoch());
    std::mt19937_64 random(settings_.seed * 1000003 + static_cast<uint64_t>(n));
    std::vector<uint8_t> bytes;
    std::vector<float> excess;
    std::vector<int64_t> best;
    for (int i = 0; i < settings_.pictures; ++i) {
        const size_t place = static_cast<size_t>(n % per_epoch() * settings_.pictures + i);
        const QPicture& picture = pictures_[order_[place % order_.size()]];
        for (int w = 0; w < settings_.windows; ++w)
            append_window(picture.patch(), random_window(picture.patch(), settings_.crop, random),
                          settings_.crop, bytes);
        best.push_back(static_cast<int64_t>(best_class(picture.sizes)));
        const double fewest = picture.bpsp(best_class(picture.sizes));
        for (size_t k = 0; k < picture.sizes.size(); ++k)
            excess.push_back(static_cast<float>(picture.bpsp(k) - fewest));
    }
    return {window_tensor(bytes, settings_.crop), torch::tensor(excess).reshape({settings_.pictures, -1}),
            torch::tensor(best)};
}

void QBatches::shuffle(int64_t epoch) {
    if (epoch == epoch_) return;
    epoch_ = epoch;
    std::iota(order_.begin(), order_.end(), size_t{0});
    std::mt19937_64 random(settings_.seed + 7919 * static_cast<uint64_t>(epoch));
    std::shuffle(order_.begin(), order_.end(), random);
}

}  // namespace residua::train
