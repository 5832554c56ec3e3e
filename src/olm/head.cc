#include "olm/head.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace residua::olm {

namespace {

constexpr size_t kSpare = 64;  // kernels may read and write so far beyond the last pixel

[[noreturn]] void refuse(const std::string& reason) {
    throw Error(ErrorCode::kCorrupt, "the head " + reason);
}

nn::Graph checked(nn::Graph graph, int inputs, int components) {
    if (graph.nodes.size() < 2 || graph.outputs.size() != 1 ||
        graph.outputs[0].node != static_cast<int>(graph.nodes.size()) - 1)
        refuse("is not a chain of layers with one output");
    const auto* input = std::get_if<nn::Input>(&graph.nodes[0].layer);
    if (!input || input->kind != nn::ElementKind::kQ8 || input->downscale != 0 || input->channels != inputs)
        refuse("does not read " + std::to_string(inputs) + " bytes");
    for (size_t i = 1; i < graph.nodes.size(); ++i) {
        const auto* layer = std::get_if<nn::Convolution>(&graph.nodes[i].layer);
        if (!layer || layer->kernel != 1 || layer->stride != 1 || layer->padding != 0 ||
            graph.nodes[i].inputs != std::vector<int>{static_cast<int>(i) - 1})
            refuse("has a layer that is not a 1×1 convolution of the one before");
    }
    const auto& output = std::get<nn::Convolution>(graph.nodes.back().layer);
    if (output.out.kind != nn::ElementKind::kI16 || output.out_channels != 3 * components)
        refuse("does not say " + std::to_string(components) + " components");
    return graph;
}

int step_bytes(const nn::TensorType& type) { return nn::pixel_bytes(type); }

}  // namespace

Head::Head(nn::Graph graph, int inputs, int components, Isa isa)
    : network_(checked(std::move(graph), inputs, components), isa), positive_(network_.graph().nodes.size()) {
    pack_positive();
}

void Head::pack_positive() {
    const nn::Kernels& kernels = network_.kernels();
    if (!kernels.convolve_positive) return;
    for (int node = 2; node <= last(); ++node) {
        const auto& nodes = network_.graph().nodes;
        const auto& layer = std::get<nn::Convolution>(nodes[static_cast<size_t>(node)].layer);
        const auto& before = std::get<nn::Convolution>(nodes[static_cast<size_t>(node) - 1].layer);
        if (before.out.kind != nn::ElementKind::kQ8 || before.out.activation != nn::Activation::kRelu)
            continue;
        const int from = before.out_channels, padded_from = nn::round_up(from, nn::kByteGroup);
        const int to = network_.layer(node).padded_channels;
        std::vector<int8_t> dense(static_cast<size_t>(to) * static_cast<size_t>(padded_from));
        for (int o = 0; o < layer.out_channels; ++o)
            std::copy_n(layer.weights.data() + static_cast<ptrdiff_t>(o) * from, from,
                        dense.data() + static_cast<ptrdiff_t>(o) * padded_from);
        Positive& positive = positive_[static_cast<size_t>(node)];
        positive.weights = nn::AlignedArray<uint8_t>(kernels.positive_bytes(to, padded_from));
        kernels.pack_positive(dense.data(), to, padded_from, positive.weights.data());
        positive.used = true;
    }
}

Head::Scratch::Scratch(const Head& head, Allocator& allocator) {
    const nn::Network& network = head.network();
    size_t bytes = 0, channels = 0, kernel = 0;
    for (size_t i = 1; i < network.graph().nodes.size(); ++i) {
        const int node = static_cast<int>(i);
        bytes = std::max(bytes, static_cast<size_t>(step_bytes(network.type(node))));
        channels = std::max(channels, static_cast<size_t>(network.layer(node).padded_channels));
        const nn::Phase& phase = network.layer(node).phases[0];
        const int step = step_bytes(network.type(node - 1));
        kernel = std::max(kernel, network.kernels().scratch_bytes(1, phase.run_groups, step, kLanes));
        if (head.positive_[i].used)
            kernel =
                std::max(kernel, network.kernels().positive_scratch_bytes(phase.run_groups, step, kLanes));
    }
    for (Buffer<uint8_t>& layer : layers_) layer = {allocator, bytes * kLanes + kSpare, uint8_t{0}};
    accumulators_ = {allocator, channels * kLanes + kSpare};
    kernel_ = {allocator, kernel + kSpare};
}

const int16_t* Head::run(const uint8_t* input, int samples, Scratch& scratch) const {
    const nn::Kernels& kernels = network_.kernels();
    const uint8_t* from = input;
    for (int node = 1; node <= last(); ++node) {
        const nn::PackedLayer& layer = network_.layer(node);
        const nn::Phase& phase = layer.phases[0];
        const int step = step_bytes(network_.type(node - 1));
        const Positive& positive = positive_[static_cast<size_t>(node)];
        if (positive.used)
            kernels.convolve_positive({from, phase.run_groups, step, samples, layer.padded_channels,
                                       positive.weights.data(), phase.bias.data(),
                                       scratch.accumulators_.data(), scratch.kernel_.data()});
        else
            kernels.convolve({&from, 1, phase.run_groups, step, samples, layer.padded_channels,
                              phase.weights.data(), phase.bias.data(), scratch.accumulators_.data(),
                              scratch.kernel_.data()});
        uint8_t* to = scratch.layers_[node % 2].data();
        kernels.requantise({&layer.out.table, nn::Source::kI32, scratch.accumulators_.data(),
                            layer.padded_channels, to, nn::pixel_step(network_.type(node)), samples});
        from = to;
    }
    return reinterpret_cast<const int16_t*>(from);
}

}  // namespace residua::olm
