#include "calibrate.h"

#include <algorithm>
#include <random>

#include "calibration.h"
#include "samples.h"

namespace residua::train {

namespace {

constexpr size_t kPairs = 48;
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

StepTable calibrate(Network& network, std::vector<const Pair*> pairs) {
    std::mt19937 random(1);
    std::shuffle(pairs.begin(), pairs.end(), random);
    if (pairs.size() > kPairs) pairs.resize(kPairs);
    Calibration calibration;
    network.observer = [&](const std::string& name, const torch::Tensor& x) {
        collect(calibration[name], x);
    };
    torch::NoGradGuard no_grad;
    for (const Pair* pair : pairs) {
        const int width = std::min(kCrop, pair->width());
        const int height = std::min(kCrop, pair->height());
        const auto x0 = static_cast<int64_t>(random() % static_cast<unsigned>(pair->width() - width + 1));
        const auto y0 = static_cast<int64_t>(random() % static_cast<unsigned>(pair->height() - height + 1));
        network.code_length(crop_samples(*pair, x0, y0, width, height, network.device()), false);
    }
    network.observer = nullptr;
    return choose_steps(calibration);
}

}  // namespace residua::train
