// What every network here has: named parameters, convolutions in float or bfloat16 and the integer network's
// roundings on request.
#pragma once

#include <torch/types.h>

#include <functional>
#include <map>
#include <string>

#include "weights/description.h"
#include "weights/stored_tensors.h"

namespace residua::train {

using Parameters = std::map<std::string, torch::Tensor>;

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
    int64_t weights() const;  // in all parameters
    torch::Device device() const { return device_; }

  protected:
    explicit Layers(torch::Device device) : device_(device) {}

    void add_parameter(const std::string& name, torch::Tensor value);
    // NAME.weight [to, from, k, k] and NAME.bias: uniform, gain 1 = ±1/sqrt(from·k²).
    void add_conv(const std::string& name, int64_t from, int64_t to, int64_t k, double gain = 1.0);
    // Steps of stored tensors that no calibration sees (inputs) or that follow from others (concatenations).
    virtual void complete_steps(StepTable& steps) const = 0;
    // Whether the integer network has a layer's weights in
    // 16 bits: so fine that training need not round them.
    virtual bool has_fine_weights(const std::string&) const { return false; }

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

// [N, H, W, C] continued to the right and at the bottom, to sides that are multiples of `align`: by
// reflection without repeating the last sample, as often as needed, as the codec does it.
torch::Tensor pad_by_reflection(const torch::Tensor& pictures, int align);

// Rounds x to whole steps and clamps to low…high of them; the gradient passes where nothing was clamped.
torch::Tensor fake_quantise(const torch::Tensor& x, const torch::Tensor& step, double low, double high);

}  // namespace residua::train
