// Some of many patches, and what of lossy layers it meets in them.
#pragma once

#include <vector>

#include "data/batch_loader.h"
#include "data/shard.h"
#include "weights/lossy_range.h"

namespace residua::train {

// Of many some, from all over.
std::vector<PatchReference> thinned(const std::vector<PatchReference>& patches, size_t most);

// The Q that batches may take; unknown without a lossy layer.
LossyRange lossy_range(const std::vector<PatchReference>& patches, const BatchSettings& batches);

}  // namespace residua::train
