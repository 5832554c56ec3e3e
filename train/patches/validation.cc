#include "patches/validation.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "patches/samples.h"

namespace residua::train {

namespace {

constexpr int kCrop = 256;

// The middle of a patch, and with which of its lossy layers.
struct Middle {
    const Patch* patch;
    const LossyVersion* version;  // null without a lossy layer
};

using Size = std::pair<int, int>;  // width, height

Samples samples_of(const Middle* first, size_t count, Size size, torch::Device device) {
    std::vector<torch::Tensor> images, fines;
    for (const Middle* middle = first; middle != first + count; ++middle) {
        const auto [width, height] = size;
        const Samples one = crop_samples(*middle->patch, middle->version, (middle->patch->width - width) / 2,
                                         (middle->patch->height - height) / 2, width, height, device);
        images.push_back(one.image);
        if (middle->version) fines.push_back(one.fine);
    }
    return {torch::cat(images), fines.empty() ? torch::Tensor() : torch::cat(fines)};
}

// Bytes that the system can give; 0 where it does not say.
uint64_t free_memory() {
    std::ifstream file("/proc/meminfo");
    for (std::string name, unit; file >> name;) {
        uint64_t kibibytes = 0;
        if (name == "MemAvailable:" && file >> kibibytes) return kibibytes << 10;
    }
    return 0;
}

}  // namespace

size_t patches_that_fit(int features, int64_t pixels, uint64_t memory) {
    constexpr uint64_t kPlanes = 12;  // of floats, for each feature; l3c-paper takes 9
    const uint64_t each = kPlanes * 4 * static_cast<uint64_t>(features) * static_cast<uint64_t>(pixels);
    return std::clamp<size_t>(memory / 2 / each, 1, kValidationBatch);
}

size_t validation_batch(const Network& network) {
    if (!network.device().is_cpu()) return 1;
    return patches_that_fit(number_of(network.description(), "features"), kCrop * kCrop, free_memory());
}

Rates validate(Network& network, const std::vector<PatchReference>& patches, const BatchSettings& batches,
               bool bfloat16, size_t at_once) {
    torch::NoGradGuard no_grad;
    std::map<Size, std::vector<Middle>> by_size;
    for (const PatchReference& reference : patches) {
        const Patch& patch = reference.patch();
        const LossyVersion* version = batches.lossy_layer ? usable_versions(patch, batches).at(0) : nullptr;
        by_size[{std::min(kCrop, patch.width), std::min(kCrop, patch.height)}].push_back({&patch, version});
    }
    Rates rates;
    const double all = static_cast<double>(patches.size());
    for (const auto& [size, middles] : by_size) {
        const int64_t pixels = int64_t{size.first} * size.second;
        for (size_t i = 0; i < middles.size(); i += at_once) {
            const size_t count = std::min(at_once, middles.size() - i);
            const Samples samples = samples_of(&middles[i], count, size, network.device());
            for (const auto& [name, nats] : network.code_length(samples, bfloat16).parts) {
                const double bpsp =
                    nats.item<double>() * kBitsPerNat / (3.0 * static_cast<double>(pixels) * all);
                rates[name + "_bpsp"] += bpsp;
                rates["bpsp"] += bpsp;
            }
        }
        for (const Middle& middle : middles) {
            if (!middle.version) continue;
            rates["lossy_bpsp"] += middle.version->lossy_bpsp / all;
            rates["bpsp"] += middle.version->lossy_bpsp / all;
        }
    }
    return rates;
}

}  // namespace residua::train
