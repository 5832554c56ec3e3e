#include "patches/calibrate.h"

#include <algorithm>
#include <random>

#include "network/observed_steps.h"
#include "patches/samples.h"

namespace residua::train {

namespace {

constexpr size_t kPatches = 48;
constexpr int kCrop = 192;

}  // namespace

StepTable calibrate(Network& network, std::vector<PatchReference> patches) {
    std::mt19937 random(1);
    std::shuffle(patches.begin(), patches.end(), random);
    if (patches.size() > kPatches) patches.resize(kPatches);
    return observed_steps(network, [&] {
        for (const PatchReference& reference : patches) {
            const Patch& patch = reference.patch();
            const int width = std::min(kCrop, patch.width), height = std::min(kCrop, patch.height);
            const auto x0 = static_cast<int64_t>(random() % static_cast<unsigned>(patch.width - width + 1));
            const auto y0 = static_cast<int64_t>(random() % static_cast<unsigned>(patch.height - height + 1));
            const LossyVersion* version =
                network.needs_lossy_layer() ? &patch.versions.at(random() % patch.versions.size()) : nullptr;
            network.code_length(crop_samples(patch, version, x0, y0, width, height, network.device()), false);
        }
    });
}

}  // namespace residua::train
