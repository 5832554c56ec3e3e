#include "nn/validate.h"

#include <cstdlib>
#include <set>
#include <string>

#include "base/error.h"
#include "nn/shapes.h"

namespace residua::nn {

namespace {

void check(bool condition, const char* why) {
    if (!condition) throw Error(ErrorCode::kCorrupt, std::string("the network is not valid: ") + why);
}

constexpr int64_t kAccumulatorLimit = int64_t{1} << 31;

// Σ|w|·max|value| + |bias| of each output channel; weights are [out][per_channel].
void check_accumulators(const std::vector<int8_t>& weights, const std::vector<int32_t>& bias,
                        size_t per_channel, int64_t largest_value) {
    check(weights.size() == bias.size() * per_channel, "an array of weights has the wrong length");
    for (size_t channel = 0; channel < bias.size(); ++channel) {
        int64_t sum = 0;
        for (size_t i = 0; i < per_channel; ++i) {
            const int weight = weights[channel * per_channel + i];
            check(weight >= -127, "a weight is −128");
            sum += std::abs(weight);
        }
        check(std::abs(int64_t{bias[channel]}) + sum * largest_value < kAccumulatorLimit,
              "an accumulator could overflow");
    }
}

void check_requantisation(const Requantisation& out, int channels) {
    const auto count = static_cast<size_t>(channels);
    check(out.kind <= ElementKind::kI16, "unknown element kind");
    check(out.activation <= Activation::kLeakyRelu, "unknown activation");
    const bool leaky = out.activation == Activation::kLeakyRelu;
    check(out.multiplier.size() == count && out.shift.size() == count &&
              out.negative_multiplier.size() == (leaky ? count : 0),
          "a requantisation has the wrong length");
    for (int32_t multiplier : out.multiplier) check(multiplier >= 0, "a multiplier is negative");
    for (int32_t multiplier : out.negative_multiplier) check(multiplier >= 0, "a multiplier is negative");
    for (uint8_t shift : out.shift) check(shift >= 32 && shift <= 62, "a shift is not in 32…62");
}

// Ranges of the parameters that shape inference relies on.
struct Ranges {
    void operator()(const Input& layer) const {
        check(layer.kind <= ElementKind::kU8, "an input must be of 8 bits");
        check(layer.downscale >= 0 && layer.downscale <= 6, "an input's scale is out of range");
    }
    void operator()(const Convolution& layer) const {
        check(layer.kernel >= 1 && layer.kernel <= 7, "a kernel size is not in 1…7");
        check(layer.stride == 1 || layer.stride == 2, "a stride is not 1 or 2");
        check(layer.dilation >= 1 && layer.dilation <= 4, "a dilation is not in 1…4");
        check(layer.padding >= 0 && layer.padding <= layer.dilation * (layer.kernel - 1),
              "a padding is larger than the kernel");
    }
    void operator()(const Add& layer) const {
        for (int multiplier : {layer.multiplier_a, layer.multiplier_b})
            check(multiplier >= -16384 && multiplier <= 16384, "a factor of an addition is out of range");
        check(layer.shift >= 1 && layer.shift <= 30, "the shift of an addition is not in 1…30");
        check(layer.kind <= ElementKind::kI16, "unknown element kind");
    }
    template <typename Other>
    void operator()(const Other&) const {}
};

struct Parameters {
    const TensorType* in;  // of the first input; null for Input
    const TensorType& type;

    int64_t largest_input() const { return in->kind == ElementKind::kQ8 ? 128 : 255; }
    size_t in_channels() const { return static_cast<size_t>(in->channels); }
    void check_biases(const std::vector<int32_t>& bias) const {
        check(bias.size() == static_cast<size_t>(type.channels), "an array of biases has the wrong length");
    }

    void operator()(const Convolution& layer) const {
        check_biases(layer.bias);
        check_accumulators(layer.weights, layer.bias,
                           static_cast<size_t>(layer.kernel * layer.kernel) * in_channels(), largest_input());
        check_requantisation(layer.out, type.channels);
    }
    void operator()(const TransposedConvolution& layer) const {
        check_biases(layer.bias);
        check_accumulators(layer.weights, layer.bias, 16 * in_channels(), largest_input());
        check_requantisation(layer.out, type.channels);
    }
    void operator()(const Gdn& layer) const {
        check_biases(layer.beta);
        check_accumulators(layer.gamma, layer.beta, in_channels(), 255);
        for (int32_t beta : layer.beta) check(beta >= 1, "a beta of GDN is not positive");
        for (int8_t gamma : layer.gamma) check(gamma >= 0, "a gamma of GDN is negative");
        check(layer.out.activation != Activation::kLeakyRelu, "GDN has a LeakyReLU");
        check_requantisation(layer.out, type.channels);
    }
    void operator()(const Requantise& layer) const { check_requantisation(layer.out, type.channels); }
    template <typename Other>
    void operator()(const Other&) const {}
};

void check_rsqrt_table(const RsqrtTable& table) {
    for (size_t i = 16; i < table.size(); ++i) {
        check(table[i] >= 16384 && table[i] <= 32768, "the reciprocal square roots are out of range");
        check(i == 16 || table[i] <= table[i - 1], "the reciprocal square roots increase");
    }
}

void check_outputs(const Graph& graph) {
    check(!graph.outputs.empty() && graph.outputs.size() <= kMaxOutputs,
          "the number of outputs is out of range");
    std::set<std::string> names;
    std::vector<bool> used(graph.nodes.size());
    for (const Output& output : graph.outputs) {
        check(output.node >= 0 && static_cast<size_t>(output.node) < graph.nodes.size(),
              "an output names a missing layer");
        check(!output.name.empty() && output.name.size() <= kMaxNameLength,
              "an output's name is empty or too long");
        check(names.insert(output.name).second, "two outputs have the same name");
        used[static_cast<size_t>(output.node)] = true;
    }
    for (const Node& node : graph.nodes)
        for (int id : node.inputs) used[static_cast<size_t>(id)] = true;
    for (bool is_used : used) check(is_used, "a layer's result is never used");
}

}  // namespace

void validate(const Graph& graph) {
    check(!graph.nodes.empty() && graph.nodes.size() <= kMaxNodes, "the number of layers is out of range");
    for (const Node& node : graph.nodes) std::visit(Ranges{}, node.layer);
    const std::vector<TensorType> types = infer_types(graph);
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        const TensorType* in = node.inputs.empty() ? nullptr : &types[static_cast<size_t>(node.inputs[0])];
        try {
            std::visit(Parameters{in, types[i]}, node.layer);
        } catch (const Error& error) {
            throw Error(error.code(), std::string(error.what()) + " (layer " + std::to_string(i) + ")");
        }
    }
    check_rsqrt_table(graph.rsqrt);
    check_outputs(graph);
}

}  // namespace residua::nn
