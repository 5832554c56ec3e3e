// From float layers to the integer layers of nn/graph.h. A tensor's real value is step[channel] × its integer
// value.
#pragma once

#include <string>
#include <vector>

#include "nn/graph.h"
#include "safetensors.h"

namespace residua::train {

struct QuantisedTensor {
    int node = -1;
    nn::ElementKind kind = nn::ElementKind::kQ8;
    std::vector<float> step;  // per channel
    int channels() const { return static_cast<int>(step.size()); }
};

struct Destination {
    nn::ElementKind kind;
    nn::Activation activation;
    std::vector<float> step;
    // Channels may get a larger step than asked for. So it is for nearly dead ones, whose step would be finer
    // than the sums of weights it is made from.
    bool may_widen = false;
};

constexpr float kLeakySlope = 0.01f;

// The multiplier and shift with multiplier / 2^shift nearest to `scale`, 0 < scale < 0.5. Throws
// std::runtime_error for a scale outside: the network's activations are then out of any sensible range.
void set_scale(nn::Requantisation& out, size_t channel, double scale);

// Float kernels by name out of a model's safetensors file; each adds one node.
class GraphBuilder {
  public:
    GraphBuilder(const Checkpoint& weights, nn::Graph& graph) : weights_(weights), graph_(graph) {}

    QuantisedTensor conv(const std::string& name, const QuantisedTensor& in, int stride, int padding,
                         Destination out);
    QuantisedTensor transposed_conv(const std::string& name, const QuantisedTensor& in, Destination out);
    QuantisedTensor gdn(const std::string& name, const QuantisedTensor& in, Destination out);
    QuantisedTensor requantise(const QuantisedTensor& in, Destination out);
    // scale_a·a + scale_b·b; the inputs and the result have one step for all channels.
    QuantisedTensor add(const QuantisedTensor& a, double scale_a, const QuantisedTensor& b, double scale_b,
                        const Destination& out);
    QuantisedTensor concat(const QuantisedTensor& a, const QuantisedTensor& b);

  private:
    const FloatArray& array(const std::string& name) const;
    // weights: [out][ky][kx][in] real values.
    void fill(const std::vector<float>& weights, const std::vector<float>& bias, const QuantisedTensor& in,
              Destination& out, std::vector<int8_t>& integers, std::vector<int32_t>& integer_bias,
              nn::Requantisation& requantisation) const;

    const Checkpoint& weights_;
    nn::Graph& graph_;
};

}  // namespace residua::train
