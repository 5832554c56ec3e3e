#include "network/precision.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace residua::train {

namespace {

using torch::Tensor;

constexpr double kClearly = 0.95;  // of float32's time: a tie is float32's
constexpr int kRounds = 5;

double seconds_of(const Tensor& x, const Tensor& weight, torch::ScalarType type) {
    const auto begin = std::chrono::steady_clock::now();
    const Tensor y = torch::conv2d(x.to(type), weight.to(type), Tensor(), 1, 1).to(torch::kFloat32);
    y.sum().backward();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
}

}  // namespace

Precision faster(const ConvolutionSeconds& seconds) {
    return seconds.bfloat16 < kClearly * seconds.float32 ? Precision::kBfloat16 : Precision::kFloat32;
}

Precision settled(Precision said, std::optional<Precision> recorded, bool cpu,
                  const std::function<ConvolutionSeconds()>& measure) {
    if (said != Precision::kMeasured) return said;
    if (recorded) return *recorded == Precision::kMeasured ? Precision::kBfloat16 : *recorded;
    return cpu ? faster(measure()) : Precision::kBfloat16;
}

ConvolutionSeconds measure_convolutions(int features, int batch, int crop) {
    // The trunks' size, or less where that would take long.
    const int64_t side = std::clamp<int64_t>(2048 / features, 8, std::max(8, crop / 2));
    const Tensor x = torch::ones({batch, features, side, side})
                         .contiguous(torch::MemoryFormat::ChannelsLast)
                         .requires_grad_(true);
    const Tensor weight = torch::ones({features, features, 3, 3})
                              .contiguous(torch::MemoryFormat::ChannelsLast)
                              .requires_grad_(true);
    std::vector<double> single, half;
    for (int i = 0; i <= kRounds; ++i) {
        const double s = seconds_of(x, weight, torch::kFloat32), h = seconds_of(x, weight, torch::kBFloat16);
        if (i == 0) continue;  // kernels are made then
        single.push_back(s);
        half.push_back(h);
        if (h > 4 * s) break;  // processors without bfloat16 take very long
    }
    return {median(single), median(half)};
}

}  // namespace residua::train
