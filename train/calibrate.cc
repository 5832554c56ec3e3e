#include "calibrate.h"

#include <algorithm>
#include <random>

#include "calibration.h"

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

StepTable calibrate(RcNetwork& network, std::vector<const Pair*> pairs) {
    std::mt19937 random(1);
    std::shuffle(pairs.begin(), pairs.end(), random);
    if (pairs.size() > kPairs) pairs.resize(kPairs);
    Calibration calibration;
    network.observer = [&](const std::string& name, const torch::Tensor& x) {
        collect(calibration[name], x);
    };
    torch::NoGradGuard no_grad;
    for (const Pair* pair : pairs) {
        const int width = std::min(kCrop, pair->width()) & ~1, height = std::min(kCrop, pair->height()) & ~1;
        const auto x0 = static_cast<int64_t>(random() % static_cast<unsigned>(pair->width() - width + 1));
        const auto y0 = static_cast<int64_t>(random() % static_cast<unsigned>(pair->height() - height + 1));
        const torch::Tensor fine = torch::from_blob(const_cast<uint16_t*>(pair->fine()),
                                                    {1, pair->height(), pair->width(), 3}, torch::kInt16)
                                       .narrow(1, y0, height)
                                       .narrow(2, x0, width)
                                       .to(torch::kFloat32);
        network.forward(
            network_input(fine, network.config()).to(network.parameters().begin()->second.device()), false);
    }
    network.observer = nullptr;
    return choose_steps(calibration);
}

}  // namespace residua::train
