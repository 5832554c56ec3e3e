#include "calibrate.h"

#include <algorithm>
#include <random>

#include "calibration.h"
#include "samples.h"

namespace residua::train {

namespace {

constexpr size_t kPatches = 48;
constexpr int kCrop = 192;
constexpr int64_t kSamplesPerCrop = 1536;  // of each channel

void collect(ActivationSamples& samples, const torch::Tensor& activation) {
    const torch::Tensor flat =
        activation.detach().to(torch::kCPU, torch::kFloat32).transpose(0, 1).flatten(1).contiguous();
    const int64_t count = flat.size(1), stride = std::max<int64_t>(1, count / kSamplesPerCrop);
    samples.channel.resize(static_cast<size_t>(flat.size(0)));
    for (int64_t c = 0; c < flat.size(0); ++c)
        for (int64_t i = (c * 7) % stride; i < count; i += stride)
            samples.channel[static_cast<size_t>(c)].push_back(flat.data_ptr<float>()[c * count + i]);
}

}  // namespace

StepTable observed_steps(Layers& network, const std::function<void()>& run) {
    Calibration calibration;
    network.observer = [&](const std::string& name, const torch::Tensor& x) {
        collect(calibration[name], x);
    };
    torch::NoGradGuard no_grad;
    run();
    network.observer = nullptr;
    return choose_steps(calibration);
}

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
