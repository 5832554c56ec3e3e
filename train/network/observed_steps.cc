#include "network/observed_steps.h"

#include "weights/calibration.h"

namespace residua::train {

namespace {

void collect(ActivationSamples& samples, const torch::Tensor& activation, int64_t wanted) {
    const torch::Tensor flat =
        activation.detach().to(torch::kCPU, torch::kFloat32).transpose(0, 1).flatten(1).contiguous();
    const int64_t count = flat.size(1), stride = std::max<int64_t>(1, count / wanted);
    samples.channel.resize(static_cast<size_t>(flat.size(0)));
    for (int64_t c = 0; c < flat.size(0); ++c)
        for (int64_t i = (c * 7) % stride; i < count; i += stride)
            samples.channel[static_cast<size_t>(c)].push_back(flat.data_ptr<float>()[c * count + i]);
}

}  // namespace

StepTable observed_steps(Layers& network, const std::function<void()>& run, int64_t samples) {
    Calibration calibration;
    network.observer = [&](const std::string& name, const torch::Tensor& x) {
        collect(calibration[name], x, samples);
    };
    torch::NoGradGuard no_grad;
    run();
    network.observer = nullptr;
    return choose_steps(calibration);
}

}  // namespace residua::train
