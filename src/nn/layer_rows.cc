#include "nn/layer_rows.h"

#include <algorithm>
#include <cstring>

namespace residua::nn {

namespace {

constexpr int kMaxRuns = 49;

// Accumulators of a chunk of columns stay in the first-level cache (24 KiB); a multiple of the kernels'
// tiles.
int chunk_columns(int padded_channels) { return std::clamp(6144 / padded_channels / 24 * 24, 24, 96); }

constexpr Source source(ElementKind kind) { return static_cast<Source>(kind); }

struct RowWorker {
    const Network& network;
    const Rings& rings;
    int node, y, begin, end;
    const Scratch& scratch;

    const Ring& input(size_t i) const {
        return rings[network.graph().nodes[static_cast<size_t>(node)].inputs[i]];
    }
    const Ring& output() const { return rings[node]; }
    const PackedLayer& packed() const { return network.layer(node); }
    uint8_t* out_pixel(int x) const { return output().row(y) + x * output().pixel_bytes; }
    const uint8_t* in_pixel(size_t i, int x) const { return input(i).row(y) + x * input(i).pixel_bytes; }

    void operator()(const Input&) const {}
    void operator()(const Convolution&) const { convolve(1); }
    void operator()(const TransposedConvolution&) const { convolve(2); }

    // `scale`: output pixels per work column and phases per axis.
    void convolve(int scale) const {
        const Ring& in = input(0);
        const int stride = packed().stride;
        const int chunk = chunk_columns(packed().padded_channels);
        for (int first = begin; first < end; first += chunk) {
            const int columns = std::min(chunk, end - first);
            for (int odd = 0; odd < scale; ++odd) {
                const Phase& phase = packed().phases[static_cast<size_t>(scale == 1 ? 0 : 2 * (y & 1) + odd)];
                const uint8_t* runs[kMaxRuns];
                for (size_t i = 0; i < phase.runs.size(); ++i)
                    runs[i] = in.padded_row(y / scale * stride + phase.runs[i].row) +
                              (first * stride + phase.runs[i].column) * in.pixel_bytes;
                sum(phase, runs, stride * in.pixel_bytes, columns);
                network.kernels().requantise({&packed().table, Source::kI32, scratch.accumulators,
                                              packed().padded_channels, out_pixel(first * scale + odd),
                                              scale * output().step, columns});
            }
        }
    }
    void sum(const Phase& phase, const uint8_t* const* runs, ptrdiff_t column_step, int columns) const {
        network.kernels().convolve({runs, static_cast<int>(phase.runs.size()), phase.run_groups, column_step,
                                    columns, packed().padded_channels, phase.weights.data(),
                                    phase.bias.data(), scratch.accumulators, scratch.kernel});
    }

    void operator()(const Gdn&) const {
        const Ring& in = input(0);
        const int chunk = chunk_columns(packed().padded_channels);
        for (int first = begin; first < end; first += chunk) {
            const int columns = std::min(chunk, end - first);
            const uint8_t* x = in_pixel(0, first);
            network.kernels().square(x, scratch.squares, static_cast<size_t>(columns * in.pixel_bytes));
            const uint8_t* run = scratch.squares;
            sum(packed().phases[0], &run, in.pixel_bytes, columns);
            network.kernels().normalise({&packed().table, scratch.accumulators, packed().padded_channels, x,
                                         in.step, out_pixel(first), output().step, columns,
                                         network.graph().rsqrt.data()});
        }
    }
    void operator()(const Requantise&) const {
        network.kernels().requantise({&packed().table, source(input(0).kind), in_pixel(0, begin),
                                      input(0).step, out_pixel(begin), output().step, end - begin});
    }
    void operator()(const Add& layer) const {
        network.kernels().add({in_pixel(0, begin), in_pixel(1, begin), out_pixel(begin),
                               source(input(0).kind), source(input(1).kind), source(layer.kind),
                               input(0).step, input(1).step, output().step, end - begin, output().channels,
                               layer.multiplier_a, layer.multiplier_b, layer.shift});
    }
    void operator()(const Concat&) const {
        const size_t size = static_cast<size_t>(element_bytes(output().kind));
        const size_t first = size * static_cast<size_t>(input(0).channels);
        const size_t second = size * static_cast<size_t>(input(1).channels);
        for (int x = begin; x < end; ++x) {
            std::memcpy(out_pixel(x), in_pixel(0, x), first);
            std::memcpy(out_pixel(x) + first, in_pixel(1, x), second);
        }
    }
    void operator()(const PixelShuffle&) const {
        if (output().kind == ElementKind::kI16)
            shuffle<int16_t>();
        else
            shuffle<uint8_t>();
    }
    template <typename Element>
    void shuffle() const {
        const Ring& in = input(0);
        for (int x = begin; x < end; ++x) {
            const auto* from =
                reinterpret_cast<const Element*>(in.row(y / 2) + x * in.pixel_bytes) + 2 * (y & 1);
            for (int odd = 0; odd < 2; ++odd) {
                auto* to = reinterpret_cast<Element*>(out_pixel(2 * x + odd));
                for (int channel = 0; channel < output().channels; ++channel)
                    to[channel] = from[4 * channel + odd];
            }
        }
    }
};

size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

ScratchSizes scratch_sizes(const Network& network) {
    ScratchSizes sizes;
    for (size_t i = 0; i < network.graph().nodes.size(); ++i) {
        const PackedLayer& layer = network.layer(static_cast<int>(i));
        for (const Phase& phase : layer.phases) {
            const int columns = chunk_columns(layer.padded_channels);
            const int in_channels =
                round_up(network.type(network.graph().nodes[i].inputs[0]).channels, kByteGroup);
            sizes.accumulators =
                std::max(sizes.accumulators,
                         aligned(sizeof(int32_t) * static_cast<size_t>(columns * layer.padded_channels)));
            if (std::holds_alternative<Gdn>(network.graph().nodes[i].layer))
                sizes.squares = std::max(sizes.squares, aligned(static_cast<size_t>(columns * in_channels)));
            sizes.kernel = std::max(sizes.kernel, aligned(network.kernels().scratch_bytes(
                                                      static_cast<int>(phase.runs.size()), phase.run_groups,
                                                      layer.stride * in_channels, columns)));
        }
    }
    return sizes;
}

int work_columns(const Network& network, const Rings& rings, int node) {
    const Node& what = network.graph().nodes[static_cast<size_t>(node)];
    const bool doubles = std::holds_alternative<TransposedConvolution>(what.layer) ||
                         std::holds_alternative<PixelShuffle>(what.layer);
    return rings[doubles ? what.inputs[0] : node].width;
}

void compute_row(const Network& network, const Rings& rings, int node, int y, int begin, int end,
                 const Scratch& scratch) {
    std::visit(RowWorker{network, rings, node, y, begin, end, scratch},
               network.graph().nodes[static_cast<size_t>(node)].layer);
}

}  // namespace residua::nn
