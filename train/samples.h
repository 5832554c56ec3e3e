// Pairs and batches as tensors.
#pragma once

#include "batch_loader.h"
#include "network.h"
#include "pair_cache.h"

namespace residua::train {

// Copies on `device`. What has no lossy layer leaves Samples::fine undefined.
Samples batch_samples(const Batch& batch, int count, int crop, torch::Device device);
Samples crop_samples(const Pair& pair, int64_t x0, int64_t y0, int64_t width, int64_t height,
                     torch::Device device);

}  // namespace residua::train
