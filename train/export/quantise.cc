#include "export/quantise.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace residua::train {

namespace {

QuantisedTensor result(int node, const Destination& out) {
    QuantisedTensor tensor;
    tensor.node = node;
    tensor.kind = out.kind;
    tensor.step = out.step;
    return tensor;
}

nn::Requantisation requantisation_for(const Destination& out) {
    nn::Requantisation requantisation;
    requantisation.kind = out.kind;
    requantisation.activation = out.activation;
    requantisation.multiplier.resize(out.step.size());
    requantisation.shift.resize(out.step.size());
    if (out.activation == nn::Activation::kLeakyRelu)
        requantisation.negative_multiplier.resize(out.step.size());
    return requantisation;
}

// accumulator: the real value of one in each channel's accumulator.
void set_output_scales(nn::Requantisation& requantisation, const std::vector<double>& accumulator,
                       Destination& out) {
    constexpr double kLargest = 0.49;
    for (size_t first = 0; out.together > 0 && first < out.step.size(); first += out.together) {
        double step = out.step[first];
        for (size_t c = first; c < first + out.together; ++c)
            step = std::max(step, accumulator[c] / kLargest);
        std::fill_n(&out.step[first], out.together, static_cast<float>(step));
    }
    for (size_t c = 0; c < out.step.size(); ++c) set_scale(requantisation, c, accumulator[c] / out.step[c]);
}

}  // namespace

Destination stored_destination(const StepTable& steps, const std::string& name, nn::Activation activation) {
    const auto found = steps.find(name);
    if (found == steps.end())
        throw std::runtime_error("no step for " + name + "; is the calibration complete?");
    const StoredTensor stored = stored_tensor(name);
    const nn::ElementKind kind = !stored.is_byte()    ? nn::ElementKind::kI16
                                 : stored.high <= 127 ? nn::ElementKind::kQ8
                                                      : nn::ElementKind::kU8;
    return {kind, activation, found->second, stored.even ? found->second.size() : 1};
}

void set_scale(nn::Requantisation& out, size_t channel, double scale) {
    if (!(scale > 0 && scale < 0.5))
        throw std::runtime_error("a layer's scale (" + std::to_string(scale) +
                                 ") does not fit the integer network; was the model trained to the end?");
    int exponent = 0;
    std::frexp(scale, &exponent);                   // scale in [2^(exponent−1), 2^exponent)
    const int shift = std::min(62, 31 - exponent);  // the multiplier has 31 bits where it can
    const auto rounded = static_cast<int64_t>(std::llround(std::ldexp(scale, shift)));
    out.multiplier[channel] = static_cast<int32_t>(std::min<int64_t>(rounded, INT32_MAX));
    out.shift[channel] = static_cast<uint8_t>(shift);
    if (out.activation == nn::Activation::kLeakyRelu)
        out.negative_multiplier[channel] =
            static_cast<int32_t>(std::llround(static_cast<double>(out.multiplier[channel]) * kLeakySlope));
}

const FloatArray& GraphBuilder::array(const std::string& name) const {
    const auto found = weights_.tensors.find(name);
    if (found == weights_.tensors.end()) throw std::runtime_error("the model lacks " + name);
    return found->second;
}

void GraphBuilder::fill(const std::vector<float>& weights, const std::vector<float>& bias,
                        const QuantisedTensor& in, Destination& out, std::vector<int8_t>& integers,
                        std::vector<int32_t>& integer_bias, nn::Requantisation& requantisation,
                        double finest) const {
    const size_t outputs = bias.size(), inputs = in.step.size();
    const size_t per_output = weights.size() / outputs;
    integers.resize(weights.size());
    integer_bias.resize(outputs);
    requantisation = requantisation_for(out);
    std::vector<double> accumulator(outputs);
    for (size_t o = 0; o < outputs; ++o) {
        const float* row = weights.data() + o * per_output;
        float peak = 1e-12f;
        for (size_t i = 0; i < per_output; ++i)
            peak = std::max(peak, std::fabs(row[i] * in.step[i % inputs]));
        const double step = std::max(peak / 127.0, finest);
        for (size_t i = 0; i < per_output; ++i)
            integers[o * per_output + i] =
                static_cast<int8_t>(std::nearbyint(static_cast<double>(row[i]) * in.step[i % inputs] / step));
        const double real_bias = bias[o] / step;
        if (std::fabs(real_bias) > 1e9) throw std::runtime_error("a bias does not fit the integer network");
        integer_bias[o] = static_cast<int32_t>(std::llround(real_bias));
        accumulator[o] = step;
    }
    set_output_scales(requantisation, accumulator, out);
}

GraphBuilder::FloatConvolution GraphBuilder::read_conv(const std::string& name, int stride, int padding,
                                                       int dilation, float offset) const {
    const FloatArray& kernel = array(name + ".weight");  // [out][in][ky][kx]
    FloatConvolution conv;
    conv.bias = array(name + ".bias").values;
    for (float& value : conv.bias) value += offset;
    const size_t O = static_cast<size_t>(kernel.shape[0]), I = static_cast<size_t>(kernel.shape[1]);
    const size_t K = static_cast<size_t>(kernel.shape[2]);
    conv.weights.resize(kernel.values.size());
    for (size_t o = 0; o < O; ++o)
        for (size_t i = 0; i < I; ++i)
            for (size_t t = 0; t < K * K; ++t)
                conv.weights[(o * K * K + t) * I + i] = kernel.values[(o * I + i) * K * K + t];
    conv.layer.kernel = static_cast<int>(K);
    conv.layer.stride = stride;
    conv.layer.padding = padding;
    conv.layer.dilation = dilation;
    conv.layer.out_channels = static_cast<int>(O);
    return conv;
}

QuantisedTensor GraphBuilder::conv(const std::string& name, const QuantisedTensor& in, int stride,
                                   int padding, Destination out, int dilation, float offset) {
    FloatConvolution conv = read_conv(name, stride, padding, dilation, offset);
    nn::Convolution& layer = conv.layer;
    fill(conv.weights, conv.bias, in, out, layer.weights, layer.bias, layer.out);
    return result(graph_.add(std::move(layer), {in.node}), out);
}

QuantisedTensor GraphBuilder::fine_conv(const std::string& name, const QuantisedTensor& in, int stride,
                                        int padding, Destination out, int dilation, float offset) {
    FloatConvolution first = read_conv(name, stride, padding, dilation, offset);
    const size_t outputs = first.bias.size(), inputs = in.step.size();
    const size_t per_output = first.weights.size() / outputs;
    // The parts count alike in all channels, as sums have to, with room for twice the destination's range.
    const bool byte = out.kind != nn::ElementKind::kI16;
    float step = *std::max_element(out.step.begin(), out.step.end());
    if (byte) step /= 64;
    Destination parts{nn::ElementKind::kI16, nn::Activation::kNone, std::vector<float>(outputs, step),
                      outputs};
    fill(first.weights, first.bias, in, parts, first.layer.weights, first.layer.bias, first.layer.out);

    FloatConvolution rest = first;
    for (size_t o = 0; o < outputs; ++o) {
        float peak = 1e-12f;  // as fill() found it
        for (size_t i = 0; i < per_output; ++i)
            peak = std::max(peak, std::fabs(first.weights[o * per_output + i] * in.step[i % inputs]));
        const double unit = peak / 127.0;
        for (size_t i = 0; i < per_output; ++i) {
            const double input_step = in.step[i % inputs];
            const size_t at = o * per_output + i;
            rest.weights[at] =
                static_cast<float>(first.weights[at] - first.layer.weights[at] * unit / input_step);
        }
        rest.bias[o] = static_cast<float>(first.bias[o] - first.layer.bias[o] * unit);
    }
    Destination finer = parts;
    for (float& value : finer.step) value /= 8;
    fill(rest.weights, rest.bias, in, finer, rest.layer.weights, rest.layer.bias, rest.layer.out,
         finer.step[0] / 65536.0);

    const QuantisedTensor a = result(graph_.add(std::move(first.layer), {in.node}), parts);
    const QuantisedTensor b = result(graph_.add(std::move(rest.layer), {in.node}), finer);
    if (byte) return requantise(add(a, 1, b, 1, parts), out);
    if (out.activation != nn::Activation::kNone || (out.together == 0 && parts.step != out.step))
        throw std::logic_error("fine convolutions of 16 bits have no activation, and their own steps");
    return add(a, 1, b, 1, parts);
}

QuantisedTensor GraphBuilder::transposed_conv(const std::string& name, const QuantisedTensor& in,
                                              Destination out) {
    const FloatArray& kernel = array(name + ".weight");  // [in][out][ky][kx]
    const size_t I = static_cast<size_t>(kernel.shape[0]), O = static_cast<size_t>(kernel.shape[1]);
    std::vector<float> weights(kernel.values.size());
    for (size_t i = 0; i < I; ++i)
        for (size_t o = 0; o < O; ++o)
            for (size_t t = 0; t < 16; ++t)
                weights[(o * 16 + t) * I + i] = kernel.values[(i * O + o) * 16 + t];
    nn::TransposedConvolution layer;
    layer.out_channels = static_cast<int>(O);
    fill(weights, array(name + ".bias").values, in, out, layer.weights, layer.bias, layer.out);
    return result(graph_.add(std::move(layer), {in.node}), out);
}

// With x = step·X and q ≈ X²/64: β_i + Σ_j γ_ij x_j² = g_i·(beta_i + Σ_j gamma_ij q_j), where
// g_i = max_j γ_ij·64·step_j² / 127; then y = x / sqrt(g_i·n_i).
QuantisedTensor GraphBuilder::gdn(const std::string& name, const QuantisedTensor& in, Destination out) {
    const std::vector<float>& sqrt_beta = array(name + ".sqrt_beta").values;
    const std::vector<float>& sqrt_gamma = array(name + ".sqrt_gamma").values;
    const size_t C = sqrt_beta.size();
    nn::Gdn layer;
    layer.gamma.resize(C * C);
    layer.beta.resize(C);
    layer.out = requantisation_for(out);
    std::vector<double> accumulator(C);
    for (size_t i = 0; i < C; ++i) {
        const double beta = static_cast<double>(sqrt_beta[i]) * sqrt_beta[i] + 1e-4;
        std::vector<double> row(C);
        // n_i must stay well inside int32: beta_i at most 2^29.
        double peak = beta / 4e6;
        for (size_t j = 0; j < C; ++j) {
            row[j] = static_cast<double>(sqrt_gamma[i * C + j]) * sqrt_gamma[i * C + j] * 64.0 * in.step[j] *
                     in.step[j];
            peak = std::max(peak, row[j]);
        }
        const double g = peak / 127.0;
        for (size_t j = 0; j < C; ++j)
            layer.gamma[i * C + j] = static_cast<int8_t>(std::nearbyint(row[j] / g));
        layer.beta[i] = static_cast<int32_t>(std::max(1.0, std::nearbyint(beta / g)));
        constexpr double kFraction = 4194304.0;  // u of the GDN definition is X·2^22/sqrt(n)
        accumulator[i] = in.step[i] / (std::sqrt(g) * kFraction);
    }
    set_output_scales(layer.out, accumulator, out);
    return result(graph_.add(std::move(layer), {in.node}), out);
}

QuantisedTensor GraphBuilder::requantise(const QuantisedTensor& in, Destination out) {
    nn::Requantise layer;
    layer.out = requantisation_for(out);
    set_output_scales(layer.out, {in.step.begin(), in.step.end()}, out);
    return result(graph_.add(std::move(layer), {in.node}), out);
}

QuantisedTensor GraphBuilder::add(const QuantisedTensor& a, double scale_a, const QuantisedTensor& b,
                                  double scale_b, const Destination& out) {
    const double real_a = scale_a * a.step[0] / out.step[0], real_b = scale_b * b.step[0] / out.step[0];
    nn::Add layer;
    layer.kind = out.kind;
    // The largest shift for which both multipliers fit.
    for (layer.shift = 30; layer.shift > 1; --layer.shift)
        if (std::ldexp(std::max(real_a, real_b), layer.shift) <= 16384) break;
    layer.multiplier_a = static_cast<int>(std::lround(std::ldexp(real_a, layer.shift)));
    layer.multiplier_b = static_cast<int>(std::lround(std::ldexp(real_b, layer.shift)));
    if (std::max(layer.multiplier_a, layer.multiplier_b) > 16384)
        throw std::runtime_error("the parts of a sum do not fit the integer network");
    return result(graph_.add(layer, {a.node, b.node}), out);
}

nn::Output GraphBuilder::output(const std::string& name, const std::string& layer, const QuantisedTensor& in,
                                double units, double offset, bool fine) {
    const auto channels = static_cast<size_t>(array(layer + ".bias").values.size());
    const Destination out{nn::ElementKind::kI16, nn::Activation::kNone,
                          std::vector<float>(channels, static_cast<float>(1 / units)), channels};
    const QuantisedTensor sums = fine ? fine_conv(layer, in, 1, 0, out, 1, static_cast<float>(offset))
                                      : conv(layer, in, 1, 0, out, 1, static_cast<float>(offset));
    if (sums.step == out.step) return {name, sums.node};
    return {name, add(sums, 0.5, sums, 0.5, out).node};  // where the weights count more than a unit
}

QuantisedTensor GraphBuilder::pixel_shuffle(const QuantisedTensor& in) {
    QuantisedTensor tensor = in;
    tensor.step.clear();
    for (size_t c = 0; c < in.step.size(); c += 4) {
        if (std::any_of(&in.step[c], &in.step[c] + 4, [&](float step) { return step != in.step[c]; }))
            throw std::runtime_error("channels that become one must have one step");
        tensor.step.push_back(in.step[c]);
    }
    tensor.node = graph_.add(nn::PixelShuffle{}, {in.node});
    return tensor;
}

QuantisedTensor GraphBuilder::concat(const QuantisedTensor& a, const QuantisedTensor& b) {
    QuantisedTensor tensor = a;
    tensor.step.insert(tensor.step.end(), b.step.begin(), b.step.end());
    tensor.node = graph_.add(nn::Concat{}, {a.node, b.node});
    return tensor;
}

}  // namespace residua::train
