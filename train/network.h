// What every network here has: named parameters, convolutions in float or bfloat16 and the integer network's
// roundings on request. Those of a codec have a code length to minimise as well.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "description.h"
#include "mixture_tensor.h"
#include "stored_tensors.h"

namespace residua::train {

using Parameters = std::map<std::string, torch::Tensor>;

// Crops of pictures, float [N, H, W, 3]: pixels 0…255, and for RC the lossy layer before its rounding,
// 64·value.
struct Samples {
    torch::Tensor image;
    torch::Tensor fine;
};

struct CodeLength {
    torch::Tensor nats;  // to minimise: differentiable, of all sub-pixels
    // What it is made of, by name, in nats: float64 scalars on the network's device, without gradient.
    std::vector<std::pair<std::string, torch::Tensor>> parts;
};

// Layers with their parameters, whatever they are trained for.
class Layers {
  public:
    virtual ~Layers() = default;

    // Builds the network again: make_network(), or for Q-classifiers QNetwork.
    virtual Description description() const = 0;

    // Called with (name, activation) for every tensor that the integer network stores; null = none. The names
    // are those that the exporter asks for.
    std::function<void(const std::string&, const torch::Tensor&)> observer;

    // Quantisation-aware: from now on every stored tensor and every weight is rounded and clamped as the
    // integer network will have it; gradients pass straight through where nothing saturates. Empty: off.
    void set_steps(const StepTable& steps);
    const StepTable& steps() const { return steps_; }

    // Names: see docs/weights.md. Values share memory with the network.
    Parameters& parameters() { return parameters_; }
    const Parameters& parameters() const { return parameters_; }
    torch::Device device() const { return device_; }

  protected:
    explicit Layers(torch::Device device) : device_(device) {}

    void add_parameter(const std::string& name, torch::Tensor value);
    // NAME.weight [to, from, k, k] and NAME.bias: uniform, gain 1 = ±1/sqrt(from·k²).
    void add_conv(const std::string& name, int64_t from, int64_t to, int64_t k, double gain = 1.0);
    // Steps of stored tensors that no calibration sees (inputs) or that follow from others (concatenations).
    virtual void complete_steps(StepTable& steps) const = 0;

    // `input`: the stored tensor that the kernel is applied to.
    torch::Tensor conv(const std::string& name, const std::string& input, const torch::Tensor& x,
                       int stride = 1, int padding = 1, int dilation = 1) const;
    torch::Tensor kernel(const std::string& name, const std::string& input, int input_dimension) const;
    torch::Tensor cast(const torch::Tensor& x) const { return bfloat16_ ? x.to(torch::kBFloat16) : x; }
    // What the integer network keeps of x: shown to the observer, then rounded when steps are set.
    torch::Tensor store(const std::string& name, const torch::Tensor& x) const;
    bool quantised() const { return !step_tensors_.empty(); }
    const torch::Tensor& step(const std::string& name) const { return step_tensors_.at(name); }

    Parameters parameters_;
    bool bfloat16_ = false;

  private:
    torch::Device device_;
    StepTable steps_;
    std::map<std::string, torch::Tensor> step_tensors_;
};

// The networks of a codec, trained on the code length.
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

// [N, H, W, C] continued to the right and at the bottom, to sides that are multiples of `align`: by
// reflection without repeating the last sample, as often as needed, as the codec does it.
torch::Tensor pad_by_reflection(const torch::Tensor& pictures, int align);

// Rounds x to whole steps and clamps to low…high of them; the gradient passes where nothing was clamped.
torch::Tensor fake_quantise(const torch::Tensor& x, const torch::Tensor& step, double low, double high);

// A random start for what the description says. Throws std::runtime_error for one that no network has.
std::unique_ptr<Network> make_network(const Description& description, torch::Device device, uint64_t seed);

// "rc", "rc-paper", "rc-small"; "l3c", "l3c-rgb", "l3c-rgb-shared". Throws std::invalid_argument for others,
// and for those of another codec.
Description preset(const std::string& codec, const std::string& name);

}  // namespace residua::train
