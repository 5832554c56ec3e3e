// Random crops of pairs, made ahead of the training step on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pair_cache.h"

namespace residua::train {

struct Batch {
    std::vector<uint8_t> image;  // [batch][crop][crop][3]
    std::vector<uint16_t>
        fine;  // the same crops of the lossy layer, 64·value; empty when the pairs have none
};

// Batch number n depends only on the pairs, the seed and n, so that a resumed run sees what an uninterrupted
// one would.
class BatchLoader {
  public:
    // The pairs must outlive the loader; those smaller than the crop are left out.
    // Throws std::runtime_error when none is large enough.
    BatchLoader(const std::vector<const Pair*>& pairs, int batch, int crop, uint64_t seed,
                int64_t first_batch);
    ~BatchLoader();
    BatchLoader(const BatchLoader&) = delete;
    BatchLoader& operator=(const BatchLoader&) = delete;

    Batch next();
    double seconds_waited() const { return waited_; }  // by next(), in all

  private:
    Batch make(int64_t number) const;
    void produce();

    std::vector<const Pair*> pairs_;
    std::vector<double> cumulative_area_;
    int batch_, crop_;
    uint64_t seed_;
    int64_t number_;
    double waited_ = 0;
    std::deque<Batch> ready_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace residua::train
