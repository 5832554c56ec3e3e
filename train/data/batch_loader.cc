#include "data/batch_loader.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <stdexcept>

namespace residua::train {

namespace {

constexpr int64_t kAhead = 16;  // batches

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

std::vector<const LossyVersion*> usable_versions(const Patch& patch, const BatchSettings& settings) {
    std::vector<const LossyVersion*> usable;
    for (const LossyVersion& version : patch.versions)
        if (version.bit_depth == settings.bit_depth && version.q >= settings.q_low &&
            version.q <= settings.q_high)
            usable.push_back(&version);
    return usable;
}

std::vector<PatchReference> usable_patches(std::vector<PatchReference> patches,
                                           const BatchSettings& settings) {
    std::erase_if(patches, [&](const PatchReference& reference) {
        return settings.lossy_layer && usable_versions(reference.patch(), settings).empty();
    });
    return patches;
}

BatchLoader::BatchLoader(const std::vector<PatchReference>& patches, const BatchSettings& settings,
                         int64_t first, int64_t stride)
    : settings_(settings), wanted_(first), begun_(first), stride_(stride) {
    double area = 0;
    for (const PatchReference& reference : usable_patches(patches, settings)) {
        const Patch& patch = reference.patch();
        if (patch.width < settings.crop || patch.height < settings.crop) continue;
        patches_.push_back(reference);
        cumulative_area_.push_back(area += static_cast<double>(patch.area()));
    }
    if (patches_.empty())
        throw std::runtime_error("no patch is large enough for crops of " + std::to_string(settings.crop) +
                                 " pixels" +
                                 (settings.lossy_layer ? " and has a lossy layer of the wanted Q and depth; "
                                                         "use a smaller --crop or prepare others"
                                                       : "; use a smaller --crop"));
    for (int i = 0; i < std::max(1, settings.threads); ++i) threads_.emplace_back([this] { produce(); });
}

BatchLoader::~BatchLoader() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
}

Batch BatchLoader::make(int64_t number) const {
    std::seed_seq sequence{static_cast<uint32_t>(settings_.seed), static_cast<uint32_t>(settings_.seed >> 32),
                           static_cast<uint32_t>(number), static_cast<uint32_t>(number >> 32)};
    std::mt19937_64 random(sequence);
    const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<uint64_t>(limit)); };
    const int crop = settings_.crop;
    const auto batch_size = static_cast<size_t>(settings_.batch);
    const size_t crop_samples = 3 * static_cast<size_t>(crop) * static_cast<size_t>(crop);
    Batch batch;
    batch.number = number;
    batch.image.resize(crop_samples * batch_size);
    if (settings_.lossy_layer) batch.fine.resize(crop_samples * batch_size);
    for (size_t i = 0; i < batch_size; ++i) {
        const double position =
            static_cast<double>(random() >> 11) / static_cast<double>(1ull << 53) * cumulative_area_.back();
        const auto found = std::upper_bound(cumulative_area_.begin(), cumulative_area_.end(), position);
        const size_t index =
            std::min(static_cast<size_t>(found - cumulative_area_.begin()), patches_.size() - 1);
        const PatchReference& reference = patches_[index];
        const Patch& patch = reference.patch();
        reference.shard->verify(reference.index);
        const int x0 = below(patch.width - crop + 1), y0 = below(patch.height - crop + 1);
        const bool mirror = below(2) != 0;
        copy_crop(patch.image, patch.width, x0, y0, crop, mirror, batch.image.data() + crop_samples * i);
        if (!settings_.lossy_layer) continue;
        const auto usable = usable_versions(patch, settings_);
        const LossyVersion& version = *usable[static_cast<size_t>(below(static_cast<int>(usable.size())))];
        copy_crop(version.fine, patch.width, x0, y0, crop, mirror, batch.fine.data() + crop_samples * i);
    }
    return batch;
}

void BatchLoader::produce() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stop_ || begun_ < wanted_ + kAhead * stride_; });
        if (stop_) return;
        const int64_t number = begun_;
        begun_ += stride_;
        lock.unlock();
        try {
            Batch batch = make(number);
            lock.lock();
            ready_.emplace(number, std::move(batch));
        } catch (...) {
            lock.lock();
            error_ = std::current_exception();
            stop_ = true;
        }
        changed_.notify_all();
    }
}

Batch BatchLoader::next() {
    const auto start = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return error_ || ready_.count(wanted_); });
    if (error_) std::rethrow_exception(error_);
    Batch batch = std::move(ready_.extract(wanted_).mapped());
    wanted_ += stride_;
    lock.unlock();
    changed_.notify_all();
    waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return batch;
}

}  // namespace residua::train
