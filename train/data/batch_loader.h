// Random crops of patches, made ahead of the training step on threads of their own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "data/shard.h"

namespace residua::train {

struct BatchSettings {
    int batch = 16;  // crops
    int crop = 128;  // their side
    uint64_t seed = 1;
    // Which of a patch's lossy layers may be taken, one at random. Without a lossy layer: ignored.
    bool lossy_layer = true;
    int bit_depth = 10;
    int q_low = 0, q_high = 51;
    int threads = 1;
};

struct Batch {
    int64_t number = 0;
    std::vector<uint8_t> image;  // [batch][crop][crop][3]
    std::vector<uint16_t> fine;  // the same crops of the lossy layer, 64·value; empty without one
};

// Which of the patch's lossy layers batches with these settings can use.
std::vector<const LossyVersion*> usable_versions(const Patch& patch, const BatchSettings& settings);

// The patches that they can use, large enough for a crop or not.
std::vector<PatchReference> usable_patches(std::vector<PatchReference> patches,
                                           const BatchSettings& settings);

// Batch number n depends only on the patches, the settings and n, so that a resumed run sees what an
// uninterrupted one would. Every patch is compared with its checksum when it is used.
class BatchLoader {
  public:
    // Makes the batches first, first + stride, first + 2·stride, …: processes that train together have
    // different `first` and their number as `stride`. The shards must outlive the loader; patches smaller
    // than the crop or without a usable lossy layer are left out.
    // Throws std::runtime_error when none remains.
    BatchLoader(const std::vector<PatchReference>& patches, const BatchSettings& settings, int64_t first,
                int64_t stride = 1);
    ~BatchLoader();
    BatchLoader(const BatchLoader&) = delete;
    BatchLoader& operator=(const BatchLoader&) = delete;

    Batch next();                                      // throws std::runtime_error for a damaged patch
    double seconds_waited() const { return waited_; }  // by next(), in all

  private:
    Batch make(int64_t number) const;
    void produce();

    BatchSettings settings_;
    std::vector<PatchReference> patches_;
    std::vector<double> cumulative_area_;
    int64_t wanted_, begun_;  // batch numbers
    int64_t stride_;
    double waited_ = 0;
    std::map<int64_t, Batch> ready_;
    std::exception_ptr error_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stop_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace residua::train
