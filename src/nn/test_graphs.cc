#include "nn/test_graphs.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

namespace residua::nn {

namespace {

int between(Random& random, int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
}

std::vector<int8_t> random_weights(Random& random, int count) {
    std::vector<int8_t> weights(static_cast<size_t>(count));
    for (int8_t& weight : weights) weight = static_cast<int8_t>(between(random, -127, 127));
    return weights;
}

std::vector<int32_t> random_biases(Random& random, int count) {
    std::vector<int32_t> biases(static_cast<size_t>(count));
    for (int32_t& bias : biases) bias = between(random, -100000, 100000);
    return biases;
}

// A sum of `terms` products of random weights and bytes, brought to a third of the range of `kind`.
double sum_scale(int terms, ElementKind kind) {
    return max_value(kind) / 3.0 / (73.0 * 74.0 * std::sqrt(static_cast<double>(terms)));
}

constexpr ElementKind kQ8 = ElementKind::kQ8, kU8 = ElementKind::kU8, kI16 = ElementKind::kI16;

}  // namespace

Requantisation random_requantisation(Random& random, int channels, ElementKind kind, Activation activation,
                                     double scale) {
    Requantisation out;
    out.kind = kind;
    out.activation = activation;
    for (int channel = 0; channel < channels; ++channel) {
        // m·2^−s is below ½.
        const double wanted = std::min(scale * (0.75 + random() % 512 / 1024.0), 0.499);
        // The largest multiplier that fits keeps the most precision.
        int shift = 62;
        while (shift > 32 && std::ldexp(wanted, shift) >= 2147483647.0) --shift;
        auto multiplier = static_cast<int32_t>(std::ldexp(wanted, shift));
        // Ties, which rounding must treat right, only come with powers of two.
        if (random() % 4 == 0)
            multiplier = static_cast<int32_t>(std::bit_floor(static_cast<uint32_t>(multiplier)));
        out.multiplier.push_back(multiplier);
        out.shift.push_back(static_cast<uint8_t>(shift));
        if (activation == Activation::kLeakyRelu)
            out.negative_multiplier.push_back(multiplier / between(random, 1, 100));
    }
    return out;
}

Convolution random_convolution(Random& random, int in_channels, int out_channels, int kernel,
                               ElementKind kind, Activation activation) {
    Convolution layer;
    layer.kernel = kernel;
    layer.padding = (kernel - 1) / 2;
    layer.out_channels = out_channels;
    const int terms = kernel * kernel * in_channels;
    layer.weights = random_weights(random, out_channels * terms);
    layer.bias = random_biases(random, out_channels);
    layer.out = random_requantisation(random, out_channels, kind, activation, sum_scale(terms, kind));
    return layer;
}

TransposedConvolution random_transposed(Random& random, int in_channels, int out_channels, ElementKind kind) {
    TransposedConvolution layer;
    layer.out_channels = out_channels;
    layer.weights = random_weights(random, out_channels * 16 * in_channels);
    layer.bias = random_biases(random, out_channels);
    layer.out = random_requantisation(random, out_channels, kind, Activation::kNone,
                                      sum_scale(4 * in_channels, kind));
    return layer;
}

Gdn random_gdn(Random& random, int channels, ElementKind kind, Activation activation) {
    Gdn layer;
    for (int i = 0; i < channels * channels; ++i)
        layer.gamma.push_back(static_cast<int8_t>(between(random, 0, 127)));
    for (int i = 0; i < channels; ++i) layer.beta.push_back(between(random, 1, 1 << between(random, 1, 20)));
    // x·2^22/sqrt(n) of n ≈ 64·64·channels.
    const double typical = 60.0 * 4194304.0 / 64.0 / std::sqrt(static_cast<double>(channels));
    layer.out = random_requantisation(random, channels, kind, activation, max_value(kind) / 3.0 / typical);
    return layer;
}

Requantise random_requantise(Random& random, int channels, ElementKind from, ElementKind to,
                             Activation activation) {
    const double scale = static_cast<double>(max_value(to)) / max_value(from);
    return {random_requantisation(random, channels, to, activation, scale)};
}

namespace {

// A graph that grows by layers of random weights.
class Builder {
  public:
    Builder(unsigned seed, int align) : random_(seed) { graph_.align = align; }

    int input(int channels, int downscale = 0) { return graph_.add(Input{channels, kQ8, downscale}); }
    int conv(int in, int in_channels, int out, int kernel, ElementKind kind,
             Activation activation = Activation::kNone) {
        return graph_.add(random_convolution(random_, in_channels, out, kernel, kind, activation), {in});
    }
    int conv_stride2(int in, int channels, int kernel, ElementKind kind) {
        Convolution layer = random_convolution(random_, channels, channels, kernel, kind);
        layer.stride = 2;
        return graph_.add(std::move(layer), {in});
    }
    int conv_dilated(int in, int channels, int dilation, ElementKind kind) {
        Convolution layer = random_convolution(random_, channels, channels, 3, kind);
        layer.dilation = layer.padding = dilation;
        return graph_.add(std::move(layer), {in});
    }
    int transposed(int in, int channels, ElementKind kind) {
        return graph_.add(random_transposed(random_, channels, channels, kind), {in});
    }
    int gdn(int in, int channels, ElementKind kind, Activation activation) {
        return graph_.add(random_gdn(random_, channels, kind, activation), {in});
    }
    int narrow(int in, int channels) {
        return graph_.add(random_requantise(random_, channels, kI16, kQ8), {in});
    }
    int add(int a, int b, const Add& layer) { return graph_.add(layer, {a, b}); }
    int concat(int a, int b) { return graph_.add(Concat{}, {a, b}); }
    int shuffle(int in) { return graph_.add(PixelShuffle{}, {in}); }
    void output(const std::string& name, int node) { graph_.outputs.push_back({name, node}); }

    // L3C's residual block on the 16-bit trunk.
    int block(int trunk, int channels) {
        int x = narrow(trunk, channels);
        x = conv(x, channels, channels, 3, kU8, Activation::kRelu);
        x = conv(x, channels, channels, 3, kI16);
        return add(trunk, x, {16384, 8192, 14, kI16});
    }
    // `blocks` of them, a convolution, and the input added: 8 bits.
    int body(int head, int channels, int blocks) {
        int trunk = head;
        for (int i = 0; i < blocks; ++i) trunk = block(trunk, channels);
        const int x = conv(narrow(trunk, channels), channels, channels, 3, kI16);
        return narrow(add(x, head, {1, 1, 1, kI16}), channels);
    }

    Graph build() { return std::move(graph_); }

  private:
    Random random_;
    Graph graph_;
};

}  // namespace

Graph rc_graph(int channels, int blocks, bool separate_tails, unsigned seed) {
    Builder net(seed, 2);
    const int f_in = net.conv(net.input(3), 3, channels, 3, kQ8);
    const int head = net.conv_stride2(f_in, channels, 3, kI16);
    int trunk = head;
    for (int block = 0; block < blocks; ++block) {
        int x = net.conv(net.narrow(trunk, channels), channels, channels, 3, kQ8);
        x = net.gdn(x, channels, kU8, Activation::kRelu);
        x = net.conv(x, channels, channels, 3, kQ8);
        x = net.gdn(x, channels, kQ8, Activation::kNone);
        trunk = net.add(trunk, x, {16384, 1600, 14, kI16});
    }
    int x = net.conv(net.narrow(trunk, channels), channels, channels, 3, kI16);
    x = net.narrow(net.add(x, head, {1, 1, 1, kI16}), channels);
    x = net.concat(net.transposed(x, channels, kQ8), f_in);
    const int shared = net.conv(x, 2 * channels, channels, 3, kU8, Activation::kRelu);
    const auto tail = [&] {
        int y = net.conv(shared, channels, channels, 3, kU8, Activation::kRelu);
        y = net.conv(y, channels, channels, 3, kQ8);
        y = net.add(y, shared, {64, 64, 7, kQ8});
        return net.conv(y, channels, channels, 3, kQ8, Activation::kLeakyRelu);
    };
    int features = separate_tails ? 0 : tail();
    for (const char* name : {"mu", "log_sigma", "weight"}) {
        if (separate_tails) features = tail();
        net.output(name, net.conv(features, channels, 15, 1, kI16));
    }
    net.output("lambda", net.conv(shared, channels, 15, 1, kI16));
    return net.build();
}

Graph l3c_predictor_graph(const L3cShape& shape, bool picture, bool coarser_features, unsigned seed) {
    const int channels = shape.channels;
    Builder net(seed, 2);
    int head = net.conv(net.input(shape.z_channels, 1), shape.z_channels, channels, 1, kI16);
    if (coarser_features) head = net.add(head, net.input(channels, 1), {64, 8192, 7, kI16});
    int x = net.body(head, channels, shape.blocks);
    const int features = net.shuffle(net.conv(x, channels, 4 * channels, 3, kQ8));
    x = net.conv_dilated(features, channels, 1, kQ8);
    for (int dilation : {2, 4}) x = net.concat(x, net.conv_dilated(features, channels, dilation, kQ8));
    const int predicted = (picture ? 3 : shape.z_channels) * shape.components;
    for (const char* name : {"mu", "log_sigma", "weight"})
        net.output(name, net.conv(x, 3 * channels, predicted, 1, kI16));
    if (picture)
        net.output("lambda", net.conv(x, 3 * channels, predicted, 1, kI16));
    else
        net.output("features", features);
    return net.build();
}

Graph l3c_encoder_graph(const L3cShape& shape, int scales, unsigned seed) {
    const int channels = shape.channels;
    Builder net(seed, 1 << scales);
    int x = net.conv(net.input(3), 3, channels, 3, kQ8);
    for (int scale = 1; scale <= scales; ++scale) {
        if (scale > 1) x = net.conv(x, channels, channels, 3, kQ8);
        x = net.body(net.conv_stride2(x, channels, 5, kI16), channels, shape.blocks);
        net.output(std::string("z").append(std::to_string(scale)),
                   net.conv(x, channels, shape.z_channels, 1, kI16));
    }
    return net.build();
}

}  // namespace residua::nn
