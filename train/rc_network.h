// The RC network in torch: forward pass in float or bfloat16, parameters by documented names.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mixture_loss.h"
#include "rc_config.h"
#include "stored_tensors.h"

namespace residua::train {

using Parameters = std::map<std::string, torch::Tensor>;

class RcNetwork {
  public:
    // Random start: Kaiming-uniform weights; GDN β = 1, γ = 0.1·I (Ballé 2015); log σ spread over the
    // components.
    RcNetwork(const RcConfig& config, torch::Device device, uint64_t seed);

    // input: of network_input(), [N, H, W, 3 or 6], H and W even. Returns raw parameters, float [N, H, W,
    // 12·K] (see mixture_loss.h). bfloat16: convolutions run in bf16, as autocast would; the trunk's sum and
    // the result stay float.
    torch::Tensor forward(const torch::Tensor& input, bool bfloat16);

    // Called with (name, activation) for every tensor that the integer network stores; null = none. The names
    // are those that export_rc.cc asks for.
    std::function<void(const std::string&, const torch::Tensor&)> observer;

    // Quantisation-aware: from now on every stored tensor and every weight is rounded and clamped as the
    // integer network will have it; gradients pass straight through where nothing saturates. Empty: off.
    void set_steps(const StepTable& steps);
    const StepTable& steps() const { return steps_; }

    // Names: see docs/training.md. Values share memory with the network.
    Parameters& parameters() { return parameters_; }
    const RcConfig& config() const { return config_; }

  private:
    torch::Tensor conv(const std::string& name, const std::string& input, const torch::Tensor& x, int stride,
                       int padding);
    torch::Tensor transposed_conv(const std::string& name, const std::string& input, const torch::Tensor& x);
    torch::Tensor gdn(const std::string& name, const std::string& input, const torch::Tensor& x);
    torch::Tensor tail_features(const std::string& name, const torch::Tensor& x);
    torch::Tensor cast(const torch::Tensor& x) const;
    // What the integer network keeps of x: shown to the observer, then rounded when steps are set.
    torch::Tensor store(const std::string& name, const torch::Tensor& x) const;
    // `input`: the stored tensor that the kernel is applied to.
    torch::Tensor kernel(const std::string& name, const std::string& input, int input_dimension) const;

    RcConfig config_;
    Parameters parameters_;
    bool bfloat16_ = false;
    StepTable steps_;
    std::map<std::string, torch::Tensor> step_tensors_;
};

// What the network sees of the lossy layer. fine: float [N, H, W, 3] whole numbers, 64·value (see
// pair_cache.h). Channels 0–2: kPixelStep·(x_l − 128), so that zero padding equals a pixel of 128. With
// RcConfig::fine, 3–5: kDetailStep·d, where d = clip(8·(value − its 5×5 binomial mean)) in −128…127 is
// computed as the codec's integers are; the picture is continued by its edge pixels.
torch::Tensor network_input(const torch::Tensor& fine, const RcConfig& config);

// What the mixture describes: image − lossy layer, relative to x_l or, with RcConfig::fine, to the unrounded
// one. image: float [N, H, W, 3].
torch::Tensor residual_target(const torch::Tensor& image, const torch::Tensor& fine, const RcConfig& config);

// −Σ ln p(target) over all sub-pixels as a differentiable scalar. raw [N, H, W, 12·K], target float [N, H, W,
// 3]. CPU tensors use the fused mixture_loss(); others, and `reference`, plain torch operations.
torch::Tensor mixture_loss_tensor(const torch::Tensor& raw, const torch::Tensor& target,
                                  const MixtureShape& shape, bool reference = false);

}  // namespace residua::train
