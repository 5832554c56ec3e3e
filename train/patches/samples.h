// Patches and batches as tensors.
#pragma once

#include "data/batch_loader.h"
#include "data/shard.h"
#include "network/network.h"

namespace residua::train {

// Copies on `device`. What has no lossy layer leaves Samples::fine undefined.
Samples batch_samples(const Batch& batch, int count, int crop, torch::Device device);
// A part of a patch, with one of its lossy layers or (null) none.
Samples crop_samples(const Patch& patch, const LossyVersion* version, int64_t x0, int64_t y0, int64_t width,
                     int64_t height, torch::Device device);

}  // namespace residua::train
