#include "patches/chosen_patches.h"

#include <algorithm>

namespace residua::train {

std::vector<PatchReference> thinned(const std::vector<PatchReference>& patches, size_t most) {
    std::vector<PatchReference> chosen;
    const size_t count = std::min(patches.size(), most);
    for (size_t i = 0; i < count; ++i) chosen.push_back(patches[i * patches.size() / count]);
    return chosen;
}

LossyRange lossy_range(const std::vector<PatchReference>& patches, const BatchSettings& batches) {
    LossyRange range;
    if (!batches.lossy_layer) return range;
    range.bit_depth = batches.bit_depth;
    for (const PatchReference& reference : patches)
        for (const LossyVersion* version : usable_versions(reference.patch(), batches)) {
            range.q_low = range.q_low == 0 ? version->q : std::min(range.q_low, version->q);
            range.q_high = std::max(range.q_high, version->q);
        }
    return range;
}

}  // namespace residua::train
