// What a network makes of patches that it does not learn from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/batch_loader.h"
#include "loop/run_log.h"
#include "network/network.h"

namespace residua::train {

// torch's CPU convolutions need so many pictures at a time to take their fast way on one thread.
constexpr size_t kValidationBatch = 16;

// The mean over patches of the code length of their middle; for RC, with the lossy layer's size. Patches of
// equal size are computed together, at most `at_once`; that only makes it faster.
Rates validate(Network& network, const std::vector<PatchReference>& patches, const BatchSettings& batches,
               bool bfloat16, size_t at_once);

// How many this network may take at once: on the CPU what memory allows, elsewhere one.
size_t validation_batch(const Network& network);

// How many patches of so many pixels a network of so many features (C_f) may take at once when so many bytes
// are free: 1 to kValidationBatch.
size_t patches_that_fit(int features, int64_t pixels, uint64_t memory);

}  // namespace residua::train
