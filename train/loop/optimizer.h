// Optimisers over named parameters with everything that
// an exact resume needs, and the weights' moving average.
#pragma once

#include "loop/optimizer_settings.h"
#include "network/layers.h"

namespace residua::train {

// All parameters, and all gradients, lie behind one another in one tensor each, so that a step is a few
// operations on long vectors, whatever the number of layers.
class Optimizer {
  public:
    // Moves the parameters' values there, and gives each a gradient of zeros; autograd adds to these.
    Optimizer(Parameters& parameters, const OptimizerSettings& settings);

    // One step from the gradients, which are cleared. `progress` is the
    // share of the training that is done, 0…1. Returns the gradient's norm
    // before clipping; a step with a norm that is not finite changes nothing.
    double step(double progress);

    // Asks settings.rate_share again, for all parameters.
    void update_rate_shares();

    int64_t steps() const { return steps_; }
    double learning_rate(double progress) const;

    // State as named float tensors, for checkpoints: first moments, second moments, averages.
    Parameters& first_moments() { return first_; }
    Parameters& second_moments() { return second_; }
    Parameters& averages() { return average_; }
    const Parameters& averages() const { return average_; }
    void set_steps(int64_t steps) { steps_ = steps; }

    // All of them at once, [anything]; parts between the parameters are 0.
    torch::Tensor& all_values() { return values_; }
    torch::Tensor& all_gradients() { return gradients_; }
    torch::Tensor& all_averages() { return averages_; }

    // Does something with the averages in the parameters' place.
    template <typename Action>
    void with_averages(Action&& action) {
        torch::NoGradGuard no_grad;
        const torch::Tensor own = values_.clone();
        values_.copy_(averages_);
        action();
        values_.copy_(own);
    }

  private:
    OptimizerSettings settings_;
    torch::Tensor values_, gradients_, firsts_, seconds_, averages_;
    torch::Tensor rate_shares_, decays_;   // of each value
    Parameters first_, second_, average_;  // views
    Parameters share_;
    int64_t steps_ = 0;
};

}  // namespace residua::train
