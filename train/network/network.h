// The networks of a codec, which are trained on the code length of pictures.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "network/layers.h"

namespace residua::train {

// Crops of pictures, float [N, H, W, 3]: pixels 0…255, and
// for RC the lossy layer before its rounding, 64·value.
struct Samples {
    torch::Tensor image;
    torch::Tensor fine;
};

struct CodeLength {
    torch::Tensor nats;  // to minimise: differentiable, of all sub-pixels
    // What it is made of, by name, in nats: float64 scalars on the network's device, without gradient.
    std::vector<std::pair<std::string, torch::Tensor>> parts;
};

class Network : public Layers {
  public:
    // Sides of crops are multiples of it.
    virtual int align() const = 0;
    virtual bool needs_lossy_layer() const = 0;
    // Of pictures of any size; sides that are not multiples of align() are padded by reflection, as the codec
    // does it. bfloat16: convolutions run in bf16, as autocast would; sums and results stay float.
    virtual CodeLength code_length(const Samples& samples, bool bfloat16) = 0;
    // Before the first step: lets the outputs' biases and scales fit what the pictures look like.
    virtual void fit_start(const Samples& samples) = 0;
    // The share of the learning rate that a parameter gets.
    virtual double rate_share(const std::string&) const { return 1; }
    // Before each step: the share of the run that is done, 0…1. Returns whether rate_share() changed.
    virtual bool set_progress(double) { return false; }

  protected:
    using Layers::Layers;
};

}  // namespace residua::train
