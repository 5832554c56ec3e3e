// OLM's heads in torch: for each plane a chain of pointwise layers from what the experts say to a mixture of
// logistics around the centre that they agree on.
#pragma once

#include "network/network.h"
#include "olm/olm_config.h"

namespace residua::train {

// Records of one plane as tensors.
struct OlmBatch {
    torch::Tensor inputs;     // float [N, F]: the bytes − 128
    torch::Tensor centre;     // float [N], of sample − 128
    torch::Tensor scale;      // float [N]
    torch::Tensor log_scale;  // float [N], natural
    torch::Tensor symbols;    // float [N]: sample − 128
};

class OlmNetwork : public Layers {
  public:
    OlmNetwork(const OlmConfig& config, torch::Device device, uint64_t seed);

    Description description() const override { return config_.description(); }

    // −Σ ln p of a plane's symbols.
    torch::Tensor nats(int plane, const OlmBatch& batch);

    const OlmConfig& config() const { return config_; }

  private:
    void complete_steps(StepTable& steps) const override;
    std::string layer(int plane, size_t i) const {
        return "plane" + std::to_string(plane) +
               (i < config_.widths.size() ? ".layer" + std::to_string(i) : ".out");
    }

    OlmConfig config_;
};

}  // namespace residua::train
