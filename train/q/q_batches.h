// The batches of a Q-classifier's training.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "q/q_pictures.h"

namespace residua::train {

struct QBatch {
    torch::Tensor windows;  // [pictures · windows, crop, crop, 3] bytes
    torch::Tensor excess;   // [pictures, classes]: bpsp beyond the best
    torch::Tensor best;     // [pictures], classes
};

struct QBatchSettings {
    int pictures;  // of a batch
    int windows;   // of each picture
    int crop;      // side of a window
    uint64_t seed;
};

// Which pictures batch n takes, and which windows of them, depends on the seed and n alone. An epoch takes
// each picture once at most.
class QBatches {
  public:
    QBatches(const std::vector<QPicture>& pictures, const QBatchSettings& settings);

    int64_t per_epoch() const;
    QBatch at(int64_t n);

  private:
    void shuffle(int64_t epoch);

    const std::vector<QPicture>& pictures_;
    QBatchSettings settings_;
    std::vector<size_t> order_;
    int64_t epoch_ = -1;
};

}  // namespace residua::train
