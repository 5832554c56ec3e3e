#include "nn/test_graphs.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "nn/shapes.h"

namespace residua::nn {

namespace {

int between(Random& random, int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
}

template <typename T>
T one_of(Random& random, std::initializer_list<T> choices) {
    return choices.begin()[random() % choices.size()];
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

Graph rc_graph(int channels, int blocks, bool separate_tails, unsigned seed) {
    Random random(seed);
    Graph graph;
    graph.align = 2;
    const auto conv = [&](int in, int in_channels, int out, int kernel, ElementKind kind,
                          Activation activation = Activation::kNone) {
        return graph.add(random_convolution(random, in_channels, out, kernel, kind, activation), {in});
    };
    const int picture = graph.add(Input{});
    const int f_in = conv(picture, 3, channels, 3, kQ8);
    Convolution down = random_convolution(random, channels, channels, 3, kI16);
    down.stride = 2;
    const int head = graph.add(down, {f_in});
    int trunk = head;
    for (int block = 0; block < blocks; ++block) {
        int x = graph.add(random_requantise(random, channels, kI16, kQ8), {trunk});
        x = conv(x, channels, channels, 3, kQ8);
        x = graph.add(random_gdn(random, channels, kU8, Activation::kRelu), {x});
        x = conv(x, channels, channels, 3, kQ8);
        x = graph.add(random_gdn(random, channels, kQ8, Activation::kNone), {x});
        trunk = graph.add(Add{16384, 1600, 14, kI16}, {trunk, x});
    }
    int x = graph.add(random_requantise(random, channels, kI16, kQ8), {trunk});
    x = conv(x, channels, channels, 3, kI16);
    x = graph.add(Add{1, 1, 1, kI16}, {x, head});
    x = graph.add(random_requantise(random, channels, kI16, kQ8), {x});
    x = graph.add(random_transposed(random, channels, channels, kQ8), {x});
    x = graph.add(Concat{}, {x, f_in});
    const int shared = conv(x, 2 * channels, channels, 3, kU8, Activation::kRelu);
    const auto tail = [&] {
        int y = conv(shared, channels, channels, 3, kU8, Activation::kRelu);
        y = conv(y, channels, channels, 3, kQ8);
        y = graph.add(Add{64, 64, 7, kQ8}, {y, shared});
        return conv(y, channels, channels, 3, kQ8, Activation::kLeakyRelu);
    };
    int features = separate_tails ? 0 : tail();
    for (const char* name : {"mu", "log_sigma", "weight"}) {
        if (separate_tails) features = tail();
        graph.outputs.push_back({name, conv(features, channels, 15, 1, kI16)});
    }
    graph.outputs.push_back({"lambda", conv(shared, channels, 15, 1, kI16)});
    return graph;
}

Graph random_graph(unsigned seed, int layers) {
    Random random(seed);
    Graph graph;
    graph.align = 4;
    graph.add(Input{between(random, 1, 5), one_of(random, {kQ8, kU8}), 0});
    std::vector<TensorType> types = infer_types(graph);
    const auto channels = [&] { return one_of(random, {1, 3, 5, 15, 16, 17, 33, 48, 60, 64, 80}); };
    const auto kind = [&] { return one_of(random, {kQ8, kU8, kI16}); };
    const auto activation = [&] {
        return one_of(random, {Activation::kNone, Activation::kRelu, Activation::kLeakyRelu});
    };
    while (static_cast<int>(graph.nodes.size()) < layers) {
        // Mostly the newest node, so that the graph gets deep.
        const int last = static_cast<int>(types.size()) - 1;
        const int a = random() % 3 ? last : between(random, 0, last);
        const TensorType& type = types[static_cast<size_t>(a)];
        const auto partner = [&](bool same_kind) {
            for (int b = last; b >= 0; --b) {
                const TensorType& other = types[static_cast<size_t>(b)];
                if (b != a && other.channels == type.channels && other.scale_log2 == type.scale_log2 &&
                    other.offset == type.offset && (!same_kind || other.kind == type.kind))
                    return b;
            }
            return a;
        };
        const bool narrow = type.kind != kI16;
        int added = -1;
        switch (between(random, 0, 9)) {
            case 0:
            case 1:
            case 2:
            case 3: {
                if (!narrow) break;
                Convolution layer = random_convolution(random, type.channels, channels(),
                                                       between(random, 1, 5), kind(), activation());
                layer.dilation = one_of(random, {1, 1, 2, 4});
                layer.padding = between(random, 0, layer.dilation * (layer.kernel - 1));
                // Keeps sizes near the picture's, so that small pictures do not vanish.
                if (2 * layer.padding < layer.dilation * (layer.kernel - 1) || type.offset > 8)
                    layer.padding = layer.dilation * (layer.kernel - 1) / 2;
                if (type.scale_log2 > -2 && random() % 3 == 0) layer.stride = 2;
                added = graph.add(layer, {a});
                break;
            }
            case 4:
                if (narrow && type.scale_log2 < 1)
                    added = graph.add(random_transposed(random, type.channels, channels(), kind()), {a});
                break;
            case 5:
                if (type.channels % 4 == 0 && type.scale_log2 < 1) added = graph.add(PixelShuffle{}, {a});
                break;
            case 6:
                added = graph.add(Add{between(random, -16384, 16384), between(random, -16384, 16384),
                                      between(random, 1, 30), kind()},
                                  {a, partner(false)});
                break;
            case 7:
                if (type.channels < 100) added = graph.add(Concat{}, {a, partner(true)});
                break;
            case 8:
                if (type.kind == kQ8)
                    added = graph.add(random_gdn(random, type.channels, kind(),
                                                 one_of(random, {Activation::kNone, Activation::kRelu})),
                                      {a});
                break;
            default:
                added =
                    graph.add(random_requantise(random, type.channels, type.kind, kind(), activation()), {a});
        }
        if (added >= 0) types = infer_types(graph);
    }
    std::vector<bool> used(graph.nodes.size());
    for (const Node& node : graph.nodes)
        for (int id : node.inputs) used[static_cast<size_t>(id)] = true;
    for (size_t i = 0; i < used.size(); ++i)
        if (!used[i]) graph.outputs.push_back({"output " + std::to_string(i), static_cast<int>(i)});
    return graph;
}

}  // namespace residua::nn
