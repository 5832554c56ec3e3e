// The RC network in torch.
#pragma once

#include "network/mixture_tensor.h"
#include "network/network.h"
#include "rc/rc_config.h"

namespace residua::train {

class RcNetwork : public Network {
  public:
    // Random start: Kaiming-uniform weights; GDN β = 1, γ =
    // 0.1·I (Ballé 2015); log σ spread over the components.
    RcNetwork(const RcConfig& config, torch::Device device, uint64_t seed);

    Description description() const override { return config_.description(); }
    int align() const override { return 2; }
    bool needs_lossy_layer() const override { return true; }
    CodeLength code_length(const Samples& samples, bool bfloat16) override;
    // The output biases start at the mixture that fits all residuals without looking at the picture, so that
    // the network only has to learn what differs from pixel to pixel.
    void fit_start(const Samples& samples) override;

    // input: of network_input(), [N, H, W, 3 or 6], H and W even. Returns raw parameters, float [N, H, W,
    // 12·K] (see mixture_loss.h).
    torch::Tensor forward(const torch::Tensor& input, bool bfloat16);

    const RcConfig& config() const { return config_; }
    MixtureShape shape() const;

  private:
    void complete_steps(StepTable& steps) const override;
    torch::Tensor transposed_conv(const std::string& name, const std::string& input, const torch::Tensor& x);
    torch::Tensor gdn(const std::string& name, const std::string& input, const torch::Tensor& x);
    torch::Tensor tail_features(const std::string& name, const torch::Tensor& x);

    RcConfig config_;
};

// What the network sees of the lossy layer. fine: float [N, H, W, 3] whole numbers, 64·value (as in
// LossyVersion). Channels 0–2: kPixelStep·(x_l − 128), so that zero padding equals a pixel of 128. With
// RcConfig::fine, 3–5: kDetailStep·d, where d = clip(8·(value − its 5×5 binomial mean)) in −128…127 is
// computed as the codec's integers are; the picture is continued by its edge pixels.
torch::Tensor network_input(const torch::Tensor& fine, const RcConfig& config);

// What the mixture describes: image − lossy layer, relative to x_l or, with RcConfig::fine, to the unrounded
// one. image: float [N, H, W, 3].
torch::Tensor residual_target(const torch::Tensor& image, const torch::Tensor& fine, const RcConfig& config);

}  // namespace residua::train
