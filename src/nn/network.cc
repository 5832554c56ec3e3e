#include "nn/network.h"

#include <algorithm>
#include <cstdlib>

#include "nn/validate.h"

namespace residua::nn {

namespace {

// One tap of a phase: which weight, and which pixel it meets.
struct Tap {
    int weight;  // index ky·kernel + kx
    int row, column;
};

// Weights are [out][kernel²][in]. Taps come row by row; those of neighbouring pixels join into one run.
// With `later` all but the packed weights.
Phase pack_phase(const Kernels& kernels, bool later, const std::vector<int8_t>& weights,
                 const std::vector<int32_t>& bias, int weights_per_channel, int in_channels, int zero_point,
                 const std::vector<Tap>& taps) {
    const int padded_in = round_up(in_channels, kByteGroup);
    const int out_channels = static_cast<int>(bias.size());
    const int padded_out = round_up(out_channels, kChannelBlock);
    const int inputs = static_cast<int>(taps.size()) * padded_in;

    Phase phase;
    const bool adjacent =
        taps.size() > 1 && taps[1].row == taps[0].row && taps[1].column == taps[0].column + 1;
    for (const Tap& tap : taps)
        if (!adjacent || phase.runs.empty() || phase.runs.back().row != tap.row)
            phase.runs.push_back({tap.row, tap.column});
    phase.run_groups = inputs / static_cast<int>(phase.runs.size()) / kByteGroup;

    std::vector<int8_t> dense(static_cast<size_t>(padded_out) * static_cast<size_t>(inputs));
    phase.bias = AlignedArray<int32_t>(static_cast<size_t>(padded_out));
    for (int channel = 0; channel < out_channels; ++channel) {
        const int8_t* from = weights.data() + static_cast<ptrdiff_t>(channel) * weights_per_channel;
        int8_t* to = dense.data() + static_cast<ptrdiff_t>(channel) * inputs;
        auto folded = static_cast<uint32_t>(bias[static_cast<size_t>(channel)]);
        for (const Tap& tap : taps) {
            for (int i = 0; i < in_channels; ++i) {
                to[i] = from[tap.weight * in_channels + i];
                folded -= static_cast<uint32_t>(zero_point * to[i]);
            }
            to += padded_in;
        }
        phase.bias.data()[channel] = static_cast<int32_t>(folded);
    }
    if (later) return phase;
    phase.weights = AlignedArray<uint8_t>(kernels.packed_bytes(padded_out, inputs));
    kernels.pack_weights(dense.data(), padded_out, inputs, phase.weights.data());
    return phase;
}

// Whether minimal filtering can compute it exactly, see kWinogradLimit.
bool suits_winograd(const Convolution& layer, const TensorType& in) {
    if (layer.kernel != 3 || layer.stride != 1 || layer.dilation == 3 || in.channels % kWinogradChannels != 0)
        return false;
    const auto inputs = static_cast<size_t>(9 * in.channels);
    for (size_t first = 0; first < layer.weights.size(); first += inputs) {
        int64_t sum = 0;
        for (size_t i = first; i < first + inputs; ++i) sum += std::abs(layer.weights[i]);
        if (255 * sum >= kWinogradLimit) return false;
    }
    return true;
}

struct Packer {
    const Kernels& kernels;
    const TensorType* in;
    PackedLayer& packed;
    // Weights of what minimal filtering may compute are packed when an executor is made that does without it.
    bool at_once = false;

    void operator()(const Convolution& layer) const {
        std::vector<Tap> taps;
        for (int ky = 0; ky < layer.kernel; ++ky)
            for (int kx = 0; kx < layer.kernel; ++kx)
                taps.push_back({ky * layer.kernel + kx, ky * layer.dilation - layer.padding,
                                kx * layer.dilation - layer.padding});
        packed.stride = layer.stride;
        packed.suits_winograd = suits_winograd(layer, *in);
        const bool later = packed.suits_winograd && kernels.convolve_winograd && !at_once;
        packed.packed = !later;
        packed.phases.push_back(pack_phase(kernels, later, layer.weights, layer.bias,
                                           layer.kernel * layer.kernel * in->channels, in->channels,
                                           zero_point(in->kind), taps));
        finish(layer.out);
    }
    void operator()(const TransposedConvolution& layer) const {
        // Y = 2y − 1 + ky: an even Y meets row Y/2 − 1 with ky = 3 and Y/2 with ky = 1; an odd Y meets (Y −
        // 1)/2 with ky = 2 and (Y + 1)/2 with ky = 0. Columns alike.
        for (int odd_row = 0; odd_row < 2; ++odd_row) {
            for (int odd_column = 0; odd_column < 2; ++odd_column) {
                std::vector<Tap> taps;
                for (int row = odd_row - 1; row <= odd_row; ++row)
                    for (int column = odd_column - 1; column <= odd_column; ++column)
                        taps.push_back(
                            {(odd_row + 1 - 2 * row) * 4 + (odd_column + 1 - 2 * column), row, column});
                packed.phases.push_back(pack_phase(kernels, false, layer.weights, layer.bias,
                                                   16 * in->channels, in->channels, zero_point(in->kind),
                                                   taps));
            }
        }
        finish(layer.out);
    }
    void operator()(const Gdn& layer) const {
        packed.phases.push_back(
            pack_phase(kernels, false, layer.gamma, layer.beta, in->channels, in->channels, 0, {{0, 0, 0}}));
        finish(layer.out);
    }
    void operator()(const Requantise& layer) const { finish(layer.out); }
    template <typename Other>
    void operator()(const Other&) const {}

    void finish(const Requantisation& out) const {
        packed.out = PackedRequantisation(out);
        packed.padded_channels = round_up(packed.out.table.channels, kChannelBlock);
    }
};

}  // namespace

PackedRequantisation::PackedRequantisation(const Requantisation& out) {
    const int channels = static_cast<int>(out.multiplier.size());
    const bool leaky = out.activation == Activation::kLeakyRelu;
    for (AlignedArray<int32_t>* array : {&multiplier, &negative_multiplier, &high_shift})
        *array = AlignedArray<int32_t>(static_cast<size_t>(round_up(channels, kTableBlock)));
    for (size_t channel = 0; channel < out.multiplier.size(); ++channel) {
        multiplier.data()[channel] = out.multiplier[channel];
        negative_multiplier.data()[channel] = (leaky ? out.negative_multiplier : out.multiplier)[channel];
        high_shift.data()[channel] = out.shift[channel] - 32;
    }
    table.multiplier = multiplier.data();
    table.negative_multiplier = negative_multiplier.data();
    table.high_shift = high_shift.data();
    table.low = out.activation == Activation::kRelu ? 0 : min_value(out.kind);
    table.high = max_value(out.kind);
    table.zero_point = zero_point(out.kind);
    table.channels = channels;
    table.leaky = leaky;
    table.rounds_low = std::find(out.shift.begin(), out.shift.end(), 32) != out.shift.end();
    table.wide = out.kind == ElementKind::kI16;
}

Network::Network(Graph graph, Isa isa) : graph_(std::move(graph)), kernels_(nn::kernels(isa)) {
    validate(graph_);
    types_ = infer_types(graph_);
    groups_ = group_layers(graph_, types_);
    layers_.resize(graph_.nodes.size());
    for (size_t i = 0; i < layers_.size(); ++i) {
        const Node& node = graph_.nodes[i];
        const TensorType* in = node.inputs.empty() ? nullptr : &types_[static_cast<size_t>(node.inputs[0])];
        std::visit(Packer{kernels_, in, layers_[i]}, node.layer);
    }
}

void Network::pack_weights(int node) const {
    const auto i = static_cast<size_t>(node);
    const std::lock_guard lock(packing_);
    if (layers_[i].packed) return;
    PackedLayer packed;
    std::visit(Packer{kernels_, &types_[static_cast<size_t>(graph_.nodes[i].inputs[0])], packed, true},
               graph_.nodes[i].layer);
    // Nothing else: executors that do without these weights may be at work.
    for (size_t phase = 0; phase < packed.phases.size(); ++phase)
        layers_[i].phases[phase].weights = std::move(packed.phases[phase].weights);
    layers_[i].packed = true;
}

int Network::output_index(const char* name) const {
    for (size_t i = 0; i < graph_.outputs.size(); ++i)
        if (graph_.outputs[i].name == name) return static_cast<int>(i);
    return -1;
}

}  // namespace residua::nn
