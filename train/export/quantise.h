// From float layers to the integer layers of nn/graph.h. A
// tensor's real value is step[channel] × its integer value.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "nn/graph.h"
#include "weights/safetensors.h"
#include "weights/stored_tensors.h"

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
    // Each `together` neighbours have one step, and may get a larger one than asked for. They need it when
    // theirs would be finer than the sums of weights that a value is made from: nearly dead channels do, and
    // a 16-bit trunk that begins with a layer of few inputs. 0: all steps stay.
    size_t together = 0;
};

// The destination of a tensor that stored_tensors.h knows. What must have one step for all channels, as sums
// need it, widens as a whole. Throws std::runtime_error when the tensor has no step.
Destination stored_destination(const StepTable& steps, const std::string& name, nn::Activation activation);

constexpr double kOctaveUnit = 32 / M_LN2;  // natural logarithms to the distribution's 1/32 octaves
constexpr double kMeanUnit = 64;            // of the distribution's means, per symbol
constexpr double kLambdaUnit = 256;         // of λ before its activation

constexpr float kLeakySlope = 0.01f;

// The multiplier and shift with multiplier / 2^shift nearest to `scale`, 0 < scale < 0.5. Throws
// std::runtime_error for a scale outside: the network's activations are then out of any sensible range.
void set_scale(nn::Requantisation& out, size_t channel, double scale);

// Float kernels by name out of a model's safetensors file; each adds one node.
class GraphBuilder {
  public:
    GraphBuilder(const Checkpoint& weights, nn::Graph& graph) : weights_(weights), graph_(graph) {}

    // offset: is added to all results.
    QuantisedTensor conv(const std::string& name, const QuantisedTensor& in, int stride, int padding,
                         Destination out, int dilation = 1, float offset = 0);
    // The same with weights of about 16 bits: two convolutions of 8 bits, of which the
    // second has what the first one's rounding left, and their sum; two or three nodes
    // more. 16-bit results count at least in steps of the first one's accumulators.
    QuantisedTensor fine_conv(const std::string& name, const QuantisedTensor& in, int stride, int padding,
                              Destination out, int dilation = 1, float offset = 0);
    // A network's int16 output: the 1×1 convolution `layer`, in 1/units. fine: as fine_conv.
    nn::Output output(const std::string& name, const std::string& layer, const QuantisedTensor& in,
                      double units, double offset = 0, bool fine = false);
    QuantisedTensor transposed_conv(const std::string& name, const QuantisedTensor& in, Destination out);
    QuantisedTensor gdn(const std::string& name, const QuantisedTensor& in, Destination out);
    QuantisedTensor requantise(const QuantisedTensor& in, Destination out);
    // scale_a·a + scale_b·b; the inputs and the result have one step for all channels.
    QuantisedTensor add(const QuantisedTensor& a, double scale_a, const QuantisedTensor& b, double scale_b,
                        const Destination& out);
    // Four channels in become one channel out, twice as large; the four have the same step.
    QuantisedTensor pixel_shuffle(const QuantisedTensor& in);
    QuantisedTensor concat(const QuantisedTensor& a, const QuantisedTensor& b);

  private:
    const FloatArray& array(const std::string& name) const;
    // A convolution without weights yet, and those that it is to have, as [out][ky][kx][in].
    struct FloatConvolution {
        nn::Convolution layer;
        std::vector<float> weights, bias;
    };
    FloatConvolution read_conv(const std::string& name, int stride, int padding, int dilation,
                               float offset) const;
    // weights: [out][ky][kx][in] real values.
    // finest: that an accumulator may count, where weights are so small that their bias would not fit.
    void fill(const std::vector<float>& weights, const std::vector<float>& bias, const QuantisedTensor& in,
              Destination& out, std::vector<int8_t>& integers, std::vector<int32_t>& integer_bias,
              nn::Requantisation& requantisation, double finest = 0) const;

    const Checkpoint& weights_;
    nn::Graph& graph_;
};

}  // namespace residua::train
