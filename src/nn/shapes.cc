#include "nn/shapes.h"

#include <cmath>
#include <numeric>
#include <string>

#include "base/error.h"
#include "nn/kernels.h"

namespace residua::nn {

namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::kCorrupt, "the network is not valid: " + why);
}

void check(bool condition, const char* why) {
    if (!condition) refuse(why);
}

// Floor of half, for negative numbers too.
int half(int value) { return value >> 1; }

struct Inference {
    const std::vector<TensorType>& types;
    const Node& node;
    int align_log2;

    const TensorType& input(size_t i) const { return types[static_cast<size_t>(node.inputs[i])]; }

    void expect_inputs(size_t count) const {
        check(node.inputs.size() == count, "a layer has the wrong number of inputs");
        for (int id : node.inputs)
            check(id >= 0 && static_cast<size_t>(id) < types.size(), "a layer reads a later layer");
    }
    static TensorType upscaled(TensorType type) {
        type.scale_log2 += 1;
        type.offset *= 2;
        return type;
    }

    TensorType operator()(const Input& layer) const {
        expect_inputs(0);
        check(layer.kind != ElementKind::kI16, "an input must be of 8 bits");
        check(layer.downscale >= 0 && layer.downscale <= align_log2, "an input's scale does not fit align");
        return {layer.kind, layer.channels, -layer.downscale, 0};
    }
    TensorType operator()(const Convolution& layer) const {
        expect_inputs(1);
        TensorType type = input(0);
        check(type.kind != ElementKind::kI16, "a convolution reads 16-bit values");
        const int growth = 2 * layer.padding - layer.dilation * (layer.kernel - 1);
        if (layer.stride == 1) {
            type.offset += growth;
        } else {
            // N·2^scale is even, so that floor((N·2^scale + offset + growth − 1)/2) + 1 splits.
            type.scale_log2 -= 1;
            check(-type.scale_log2 <= align_log2, "align is too small for the strides");
            type.offset = half(type.offset + growth - 1) + 1;
        }
        type.kind = layer.out.kind;
        type.channels = layer.out_channels;
        return type;
    }
    TensorType operator()(const TransposedConvolution& layer) const {
        expect_inputs(1);
        check(input(0).kind != ElementKind::kI16, "a convolution reads 16-bit values");
        TensorType type = upscaled(input(0));
        type.kind = layer.out.kind;
        type.channels = layer.out_channels;
        return type;
    }
    TensorType operator()(const PixelShuffle&) const {
        expect_inputs(1);
        check(input(0).channels % 4 == 0, "pixel shuffle needs a multiple of 4 channels");
        TensorType type = upscaled(input(0));
        type.channels /= 4;
        return type;
    }
    TensorType operator()(const Add& layer) const {
        expect_inputs(2);
        TensorType type = input(0);
        TensorType other = input(1);
        other.kind = type.kind;
        check(type == other, "the inputs of an addition differ in size");
        type.kind = layer.kind;
        return type;
    }
    TensorType operator()(const Concat&) const {
        expect_inputs(2);
        TensorType type = input(0);
        TensorType other = input(1);
        other.channels = type.channels;
        check(type == other, "the inputs of a concatenation differ in kind or size");
        type.channels += input(1).channels;
        return type;
    }
    TensorType operator()(const Gdn& layer) const {
        expect_inputs(1);
        TensorType type = input(0);
        check(type.kind == ElementKind::kQ8, "GDN reads signed 8-bit values");
        type.kind = layer.out.kind;
        return type;
    }
    TensorType operator()(const Requantise& layer) const {
        expect_inputs(1);
        TensorType type = input(0);
        type.kind = layer.out.kind;
        return type;
    }
};

}  // namespace

int pixel_step(const TensorType& type) {
    return type.kind == ElementKind::kI16 ? type.channels : round_up(type.channels, kByteGroup);
}

std::vector<TensorType> infer_types(const Graph& graph) {
    int align_log2 = 0;
    while ((2 << align_log2) <= graph.align) ++align_log2;
    check(graph.align == 1 << align_log2 && graph.align <= kMaxAlign, "align is not a power of two up to 64");
    std::vector<TensorType> types;
    types.reserve(graph.nodes.size());
    for (const Node& node : graph.nodes) {
        try {
            const TensorType type = std::visit(Inference{types, node, align_log2}, node.layer);
            check(type.channels >= 1 && type.channels <= kMaxChannels,
                  "the number of channels is out of range");
            check(type.scale_log2 <= kMaxUpscaleLog2, "a layer enlarges the picture too much");
            check(type.offset >= -4096 && type.offset <= 4096, "a layer changes the size too much");
            types.push_back(type);
        } catch (const Error& error) {
            throw Error(error.code(),
                        std::string(error.what()) + " (layer " + std::to_string(types.size()) + ")");
        }
    }
    return types;
}

std::vector<double> multiply_adds_of_nodes(const Graph& graph) {
    const std::vector<TensorType> types = infer_types(graph);
    std::vector<double> nodes;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
        double per_element = 0;  // multiply-adds per output position
        double in =
            graph.nodes[i].inputs.empty() ? 0 : types[static_cast<size_t>(graph.nodes[i].inputs[0])].channels;
        if (const auto* conv = std::get_if<Convolution>(&graph.nodes[i].layer))
            per_element = in * conv->kernel * conv->kernel * conv->out_channels;
        else if (const auto* transposed = std::get_if<TransposedConvolution>(&graph.nodes[i].layer))
            per_element = in * 4 * transposed->out_channels;
        else if (std::holds_alternative<Gdn>(graph.nodes[i].layer))
            per_element = in * in;
        nodes.push_back(std::ldexp(per_element, 2 * types[i].scale_log2));
    }
    return nodes;
}

double multiply_adds_per_pixel(const Graph& graph) {
    const std::vector<double> nodes = multiply_adds_of_nodes(graph);
    return std::accumulate(nodes.begin(), nodes.end(), 0.0);
}

uint64_t weight_count(const Graph& graph) {
    uint64_t count = 0;
    for (const Node& node : graph.nodes) {
        if (const auto* conv = std::get_if<Convolution>(&node.layer))
            count += conv->weights.size();
        else if (const auto* transposed = std::get_if<TransposedConvolution>(&node.layer))
            count += transposed->weights.size();
        else if (const auto* gdn = std::get_if<Gdn>(&node.layer))
            count += gdn->gamma.size();
    }
    return count;
}

}  // namespace residua::nn
