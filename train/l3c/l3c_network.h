// The L3C network in torch ("Practical Full Resolution Learned Lossless Image Compression", CVPR 2019), and
// its RGB baselines.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "l3c/l3c_config.h"
#include "network/learning.h"
#include "network/mixture_tensor.h"
#include "network/network.h"

namespace residua::train {

class L3cNetwork : public Network {
  public:
    // With FirstWeights::kPyramid, the start is random but for this: kernels give nothing for an even area,
    // so that features are about detail, which is small beside the brightness that it lies on; and E passes
    // the picture, halved by averaging, through its first channels into the first three of z; without
    // anchors, D passes z on to the means. So the network begins as a coder that predicts each scale by
    // interpolating the next coarser one, and need not find that out first.
    L3cNetwork(const L3cConfig& config, torch::Device device, uint64_t seed, const Learning& learning = {});

    Description description() const override { return config_.description(); }
    int align() const override { return 1 << config_.scales; }
    bool needs_lossy_layer() const override { return false; }
    // Parts: "x", "z1" … "zS"; the coarsest z at its uniform prior.
    CodeLength code_length(const Samples& samples, bool bfloat16) override;
    // Spreads the z that do not pass the picture over their levels.
    void fit_start(const Samples& samples) override;
    // E moves slowly: what D has learned of z must stay true for some time.
    double rate_share(const std::string& name) const override {
        return name[0] != 'e' ? 1 : encoder_rests_ ? 0 : learning_.encoder_rate;
    }
    // The predictors need some time before they can use what z says. Until then, the price of z must not make
    // E say nothing: its gradient grows from 0 to its full size over the first Learning::ease of a run. Where
    // z anchors the means, E even rests until Learning::encoder_from: a step costs less by a third, and a
    // pyramid of averages serves D as well (docs/training.md).
    bool set_progress(double progress) override;
    // Whether E is the pyramid it started as, so that halved_colours() says the same.
    bool encoder_is_pyramid();
    // z^(1) … z^(S) of that pyramid, without E's roundings.
    std::vector<torch::Tensor> halved_colours(const torch::Tensor& image) const;

    const L3cConfig& config() const { return config_; }
    bool has_fine_weights(const std::string& layer) const override { return config_.has_fine_weights(layer); }

    // What E says of learned z^(1) … z^(S) before the quantiser, float [N, C, H/2^s, W/2^s], in the reals of
    // the levels −1…1. image: [N, H, W, 3], sides multiples of align().
    std::vector<torch::Tensor> encode(const torch::Tensor& image, bool bfloat16);
    // z^(1) … z^(S) of the same shapes: whole symbols,
    // lowest()…highest(). Learned z pass their gradient on to E.
    std::vector<torch::Tensor> latents(const torch::Tensor& image, bool bfloat16);
    // What D^(s) and its classifier say. symbols: z^(s). features: f^(s+1), undefined where there are none;
    // f^(s) replaces them. Raw parameters [N, H, W, shape(s).parameters()] of z^(s−1), or of the picture for
    // s = 1.
    torch::Tensor predict(int s, const torch::Tensor& symbols, torch::Tensor& features, bool bfloat16);
    // What the means of D^(s) are relative to, in symbols of what it predicts; undefined unless the config is
    // anchored. symbols: z^(s). The first three channels, interpolated to twice the size so that blocks of
    // 2×2 keep their mean (in each direction 1/8, 1, −1/8); for the picture, a learned z has G, R − G and
    // B − G there, in steps of the config. 0 for further channels. [N, H, W, shape(s).channels].
    torch::Tensor anchor(int s, const torch::Tensor& symbols) const;
    // Of what D^(s) predicts: the picture for s = 1 (symbols: pixel − 128), otherwise z^(s−1).
    MixtureShape shape(int s) const;

    // The first part of the names of E^(s) and D^(s).
    std::string encoder_name(int s) const { return std::string("e").append(std::to_string(s)); }
    std::string predictor_name(int s) const {
        return config_.shared ? "d" : std::string("d").append(std::to_string(s));
    }

  private:
    void complete_steps(StepTable& steps) const override;
    void add_blocks(const std::string& name);
    bool begins_as_pyramid() const { return learning_.first_weights == FirstWeights::kPyramid; }
    int passed_channels() const { return begins_as_pyramid() ? std::min(3, config_.channels) : 0; }
    void pass_channel(const std::string& name, int64_t to, int64_t from, int64_t y, int64_t x, double gain);
    void spare_channels(const std::string& name, int64_t channels);
    void start_encoder_as_pyramid(const std::string& e);
    void start_predictor_as_pyramid(const std::string& d, const MixtureShape& mixture);
    // Residual blocks, conv3×3 and the long skip, from `start`.
    torch::Tensor body(const std::string& name, const torch::Tensor& start);

    L3cConfig config_;
    Learning learning_;
    double ease_ = 1;
    bool encoder_rests_ = false;
    std::optional<bool> is_pyramid_;  // E, while it rests
};

}  // namespace residua::train
