// The Q-classifier in torch.
#pragma once

#include "network/network.h"
#include "q/q_config.h"

namespace residua::train {

class QNetwork : public Layers {
  public:
    QNetwork(const QConfig& config, torch::Device device, uint64_t seed);

    Description description() const override { return config_.description(); }
    const QConfig& config() const { return config_; }

    // windows: bytes [N, H, W, 3], H and W multiples of kQAlign. Returns the features' means, float [N, C].
    torch::Tensor features(const torch::Tensor& windows, bool bfloat16);
    // means: [N, C]. Returns float [N, classes].
    torch::Tensor scores(const torch::Tensor& means) const;

  private:
    void complete_steps(StepTable& steps) const override;
    torch::Tensor blocks(const std::string& name, torch::Tensor trunk) const;

    QConfig config_;
};

}  // namespace residua::train
