// A network of RC or L3C, learning from random crops of patches.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/batch_loader.h"
#include "loop/training_loop.h"
#include "network/network.h"

namespace residua::train {

class PatchTrainee : public Trainee {
  public:
    PatchTrainee(Network& network, const OptimizerSettings& optimizer, const BatchSettings& batches,
                 std::vector<PatchReference> training, std::vector<PatchReference> held_out, bool bfloat16);

    // The batches from number `first` on, every `stride`-th one: before the first step, and once.
    void load_batches(int64_t first, int64_t stride);
    // Lets a fresh network fit the next batch.
    void fit_start();
    const std::vector<PatchReference>& training() const { return training_; }

    nlohmann::json facts() const override;
    void begin_step(double done) override;
    void learn(int64_t n) override;
    Rates take_rates() override;
    double pixels_per_step() const override;
    double seconds_waited() const override { return loader_->seconds_waited(); }
    Rates validate() override;
    bool validates_at_start() const override { return true; }
    LossyRange lossy() const override { return lossy_; }

  private:
    Samples samples_of(const Batch& batch) const;

    Network& network_;
    BatchSettings batches_;
    std::vector<PatchReference> training_, held_out_;
    LossyRange lossy_;
    bool bfloat16_;
    std::optional<BatchLoader> loader_;
    std::map<std::string, torch::Tensor> sums_;  // nats, by part
    int64_t steps_ = 0;                          // that are in them
};

}  // namespace residua::train
