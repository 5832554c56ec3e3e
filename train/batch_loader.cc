#include "batch_loader.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>

namespace residua::train {

namespace {

constexpr size_t kAhead = 8;

// Copies a crop, mirrored left to right when `mirror`.
template <typename Sample>
void copy_crop(const Sample* source, int width, int x0, int y0, int crop, bool mirror, Sample* target) {
    for (int y = 0; y < crop; ++y) {
        const Sample* row = source + (static_cast<size_t>(y0 + y) * width + x0) * 3;
        Sample* out = target + static_cast<size_t>(y) * crop * 3;
        if (!mirror) {
            std::copy(row, row + crop * 3, out);
            continue;
        }
        for (int x = 0; x < crop; ++x) std::copy_n(row + (crop - 1 - x) * 3, 3, out + x * 3);
    }
}

}  // namespace

BatchLoader::BatchLoader(const std::vector<const Pair*>& pairs, int batch, int crop, uint64_t seed,
                         int64_t first_batch)
    : batch_(batch), crop_(crop), seed_(seed), number_(first_batch) {
    double area = 0;
    for (const Pair* pair : pairs) {
        if (pair->width() < crop || pair->height() < crop) continue;
        pairs_.push_back(pair);
        cumulative_area_.push_back(area += static_cast<double>(pair->width()) * pair->height());
    }
    if (pairs_.empty())
        throw std::runtime_error("no photograph is large enough for crops of " + std::to_string(crop) +
                                 " pixels after downscaling; use a smaller --crop");
    thread_ = std::thread([this] { produce(); });
}

BatchLoader::~BatchLoader() {
    {
        std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

Batch BatchLoader::make(int64_t number) const {
    std::seed_seq sequence{static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32),
                           static_cast<uint32_t>(number), static_cast<uint32_t>(number >> 32)};
    std::mt19937_64 random(sequence);
    auto below = [&](int limit) { return static_cast<int>(random() % static_cast<uint64_t>(limit)); };
    const size_t crop_samples = static_cast<size_t>(crop_) * crop_ * 3;
    Batch batch;
    batch.image.resize(crop_samples * batch_);
    if (pairs_[0]->fine()) batch.fine.resize(crop_samples * batch_);
    for (int i = 0; i < batch_; ++i) {
        const double position =
            static_cast<double>(random() >> 11) / static_cast<double>(1ull << 53) * cumulative_area_.back();
        const size_t index =
            std::min<size_t>(std::upper_bound(cumulative_area_.begin(), cumulative_area_.end(), position) -
                                 cumulative_area_.begin(),
                             pairs_.size() - 1);
        const Pair& pair = *pairs_[index];
        const int x0 = below(pair.width() - crop_ + 1);
        const int y0 = below(pair.height() - crop_ + 1);
        const bool mirror = below(2) != 0;
        copy_crop(pair.image(), pair.width(), x0, y0, crop_, mirror, batch.image.data() + crop_samples * i);
        if (!batch.fine.empty())
            copy_crop(pair.fine(), pair.width(), x0, y0, crop_, mirror, batch.fine.data() + crop_samples * i);
    }
    return batch;
}

void BatchLoader::produce() {
    for (;;) {
        Batch batch = make(number_++);
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stop_ || ready_.size() < kAhead; });
        if (stop_) return;
        ready_.push_back(std::move(batch));
        changed_.notify_all();
    }
}

Batch BatchLoader::next() {
    const auto start = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty(); });
    Batch batch = std::move(ready_.front());
    ready_.pop_front();
    lock.unlock();
    changed_.notify_all();
    waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return batch;
}

}  // namespace residua::train
