// Optimisers over named parameters with everything that an exact resume needs, and the weights' moving
// average.
#pragma once

#include <functional>
#include <string>

#include "network.h"

namespace residua::train {

enum class Schedule {
    kCosine,      // Adam; linear warm-up, then half a cosine down to 0
    kPaper,       // RMSProp, × 0.75 every `decay_every` steps
    kClassifier,  // Adam, × 0.25 after 5/11 and after 10/11 of the run: the paper's for its Q-classifier
};

struct OptimizerSettings {
    Schedule schedule = Schedule::kCosine;
    double learning_rate = 1e-3;  // the highest; the papers: RC 5e-5, L3C 1e-4
    double weight_decay = 1e-4;
    double gradient_clip = 1.0;  // largest norm of the whole gradient; 0 = none
    int64_t warm_up = 200;       // steps
    int64_t decay_every = 100000;
    std::function<double(const std::string&)>
        rate_share;          // of the learning rate, by a parameter's name; empty: 1
    double average = 0.999;  // decay of the moving average of the weights
};

// All parameters, and all gradients, lie behind one another in one tensor each, so that a step is a few
// operations on long vectors, whatever the number of layers.
class Optimizer {
  public:
    // Moves the parameters' values there, and gives each a gradient of zeros; autograd adds to these.
    Optimizer(Parameters& parameters, const OptimizerSettings& settings);

    // One step from the gradients, which are cleared. `progress` is the share of the training that is done,
    // 0…1. Returns the gradient's norm before clipping; a step with a norm that is not finite changes
    // nothing.
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

  private:
    OptimizerSettings settings_;
    torch::Tensor values_, gradients_, firsts_, seconds_, averages_;
    torch::Tensor rate_shares_, decays_;   // of each value
    Parameters first_, second_, average_;  // views
    Parameters share_;
    int64_t steps_ = 0;
};

}  // namespace residua::train
