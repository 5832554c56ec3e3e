// A second, independent reading of docs/format-network.md: whole tensors of values, no bytes, no bands, no
// packing. For tests only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "nn/graph.h"
#include "nn/shapes.h"

namespace residua::nn::reference {

struct Tensor {
    int height = 0, width = 0, channels = 0;
    std::vector<int> values;  // [y][x][c]

    Tensor() = default;
    Tensor(int h, int w, int c) : height(h), width(w), channels(c) {
        values.resize(static_cast<size_t>(h) * static_cast<size_t>(w) * static_cast<size_t>(c));
    }
    int& at(int y, int x, int c) { return values[static_cast<size_t>((y * width + x) * channels + c)]; }
    int at(int y, int x, int c) const { return values[static_cast<size_t>((y * width + x) * channels + c)]; }
};

inline int clamp_to(ElementKind kind, int64_t value) {
    return static_cast<int>(std::clamp<int64_t>(value, min_value(kind), max_value(kind)));
}

inline int requantise(const Requantisation& out, int channel, int64_t value) {
    const auto c = static_cast<size_t>(channel);
    int64_t m = out.multiplier[c];
    if (out.activation == Activation::kLeakyRelu && value < 0) m = out.negative_multiplier[c];
    const int s = out.shift[c];
    int64_t result = (value * m + (int64_t{1} << (s - 1))) >> s;
    if (out.activation == Activation::kRelu) result = std::max<int64_t>(result, 0);
    return clamp_to(out.kind, result);
}

struct Evaluator {
    const std::vector<const Tensor*>& in;
    const RsqrtTable& rsqrt;

    Tensor operator()(const Input&) const { return {}; }
    Tensor operator()(const Convolution& layer) const {
        const Tensor& x = *in[0];
        const int reach = layer.dilation * (layer.kernel - 1);
        const auto size = [&](int n) { return (n + 2 * layer.padding - reach - 1) / layer.stride + 1; };
        Tensor out(size(x.height), size(x.width), layer.out_channels);
        for (int Y = 0; Y < out.height; ++Y)
            for (int X = 0; X < out.width; ++X)
                for (int o = 0; o < out.channels; ++o) {
                    int64_t sum = layer.bias[static_cast<size_t>(o)];
                    for (int ky = 0; ky < layer.kernel; ++ky)
                        for (int kx = 0; kx < layer.kernel; ++kx) {
                            const int y = Y * layer.stride - layer.padding + ky * layer.dilation;
                            const int col = X * layer.stride - layer.padding + kx * layer.dilation;
                            if (y < 0 || y >= x.height || col < 0 || col >= x.width) continue;
                            const size_t weight = static_cast<size_t>(
                                ((o * layer.kernel + ky) * layer.kernel + kx) * x.channels);
                            for (int i = 0; i < x.channels; ++i)
                                sum += layer.weights[weight + static_cast<size_t>(i)] * x.at(y, col, i);
                        }
                    out.at(Y, X, o) = requantise(layer.out, o, sum);
                }
        return out;
    }
    Tensor operator()(const TransposedConvolution& layer) const {
        const Tensor& x = *in[0];
        Tensor out(2 * x.height, 2 * x.width, layer.out_channels);
        std::vector<int64_t> sums(out.values.size());
        for (size_t i = 0; i < sums.size(); ++i) sums[i] = layer.bias[i % layer.bias.size()];
        // Scattered, as the operation is defined: every input pixel adds its kernel to the output.
        for (int y = 0; y < x.height; ++y)
            for (int col = 0; col < x.width; ++col)
                for (int ky = 0; ky < 4; ++ky)
                    for (int kx = 0; kx < 4; ++kx) {
                        const int Y = 2 * y - 1 + ky, X = 2 * col - 1 + kx;
                        if (Y < 0 || Y >= out.height || X < 0 || X >= out.width) continue;
                        for (int o = 0; o < out.channels; ++o)
                            for (int i = 0; i < x.channels; ++i)
                                sums[static_cast<size_t>((Y * out.width + X) * out.channels + o)] +=
                                    layer.weights[static_cast<size_t>(((o * 4 + ky) * 4 + kx) * x.channels +
                                                                      i)] *
                                    x.at(y, col, i);
                    }
        for (size_t i = 0; i < sums.size(); ++i)
            out.values[i] = requantise(layer.out, static_cast<int>(i % layer.bias.size()), sums[i]);
        return out;
    }
    Tensor operator()(const PixelShuffle&) const {
        const Tensor& x = *in[0];
        Tensor out(2 * x.height, 2 * x.width, x.channels / 4);
        for (int y = 0; y < x.height; ++y)
            for (int col = 0; col < x.width; ++col)
                for (int c = 0; c < out.channels; ++c)
                    for (int i = 0; i < 2; ++i)
                        for (int j = 0; j < 2; ++j)
                            out.at(2 * y + i, 2 * col + j, c) = x.at(y, col, 4 * c + 2 * i + j);
        return out;
    }
    Tensor operator()(const Add& layer) const {
        Tensor out = *in[0];
        for (size_t i = 0; i < out.values.size(); ++i) {
            const int64_t sum = int64_t{in[0]->values[i]} * layer.multiplier_a +
                                int64_t{in[1]->values[i]} * layer.multiplier_b +
                                (int64_t{1} << (layer.shift - 1));
            out.values[i] = clamp_to(layer.kind, sum >> layer.shift);
        }
        return out;
    }
    Tensor operator()(const Concat&) const {
        const Tensor &a = *in[0], &b = *in[1];
        Tensor out(a.height, a.width, a.channels + b.channels);
        for (int y = 0; y < out.height; ++y)
            for (int x = 0; x < out.width; ++x)
                for (int c = 0; c < out.channels; ++c)
                    out.at(y, x, c) = c < a.channels ? a.at(y, x, c) : b.at(y, x, c - a.channels);
        return out;
    }
    Tensor operator()(const Gdn& layer) const {
        const Tensor& x = *in[0];
        Tensor out = x;
        for (int y = 0; y < x.height; ++y)
            for (int col = 0; col < x.width; ++col)
                for (int i = 0; i < x.channels; ++i) {
                    int64_t n = layer.beta[static_cast<size_t>(i)];
                    for (int j = 0; j < x.channels; ++j) {
                        const int value = x.at(y, col, j);
                        n += layer.gamma[static_cast<size_t>(i * x.channels + j)] *
                             std::min(255, (value * value + 32) >> 6);
                    }
                    int e = 0;
                    while ((n >> (e + 2)) > 0) e += 2;
                    const int64_t f = n << (30 - e);
                    const auto index = static_cast<size_t>(f >> 26);
                    const int64_t fraction = (f >> 18) & 255;
                    const int64_t r = rsqrt[index] - (((rsqrt[index] - rsqrt[index + 1]) * fraction) >> 8);
                    out.at(y, col, i) = requantise(layer.out, i, (x.at(y, col, i) * r * 128) >> (e / 2));
                }
        return out;
    }
    Tensor operator()(const Requantise& layer) const {
        Tensor out = *in[0];
        for (size_t i = 0; i < out.values.size(); ++i)
            out.values[i] =
                requantise(layer.out, static_cast<int>(i % static_cast<size_t>(out.channels)), out.values[i]);
        return out;
    }
};

// All nodes of a graph whose Input nodes hold `inputs`, in order.
inline std::vector<Tensor> evaluate(const Graph& graph, const std::vector<Tensor>& inputs) {
    std::vector<Tensor> tensors;
    size_t next = 0;
    for (const Node& node : graph.nodes) {
        std::vector<const Tensor*> in;
        for (int id : node.inputs) in.push_back(&tensors[static_cast<size_t>(id)]);
        if (std::holds_alternative<Input>(node.layer)) {
            tensors.push_back(inputs[next++]);
        } else {
            Tensor result = std::visit(Evaluator{in, graph.rsqrt}, node.layer);
            tensors.push_back(std::move(result));
        }
    }
    return tensors;
}

}  // namespace residua::nn::reference
