#include "nn/layer_rows.h"

#include <algorithm>
#include <cstring>

namespace residua::nn {

namespace {

constexpr int kMaxRuns = 49;

constexpr Source source(ElementKind kind) { return static_cast<Source>(kind); }

void copy_pixels(const uint8_t* from, ptrdiff_t from_step, uint8_t* to, ptrdiff_t to_step, ptrdiff_t bytes,
                 int columns) {
    constexpr ptrdiff_t kBlock = 64;  // a copy of constant size needs no call
    for (; columns > 0; --columns, from += from_step, to += to_step) {
        ptrdiff_t i = 0;
        for (; i + kBlock <= bytes; i += kBlock) std::memcpy(to + i, from + i, kBlock);
        if (i < bytes) std::memcpy(to + i, from + i, static_cast<size_t>(bytes - i));
    }
}

// Most rows that minimal filtering reads for a block.
constexpr int kMaxInputRows = 4 * 4 + 2 * 4;

// What a thread computes at once.
struct Chunk {
    const Network& network;
    const Rings& rings;
    const Blocks& blocks;
    const Block& block;
    const Scratch& scratch;
    int row, first_column;  // of the group

    // Pixel x of row y of a node's tensor.
    uint8_t* pixel(int node, int y, int x) const {
        const Ring& ring = rings[node];
        const GroupMember& member = network.member(node);
        if (!member.local) return ring.row(y) + x * ring.pixel_bytes;
        const int scale = member.scale_log2;
        const ptrdiff_t index =
            (y - (row << scale)) * (ptrdiff_t{block.columns} << scale) + x - (first_column << scale);
        return scratch.tensors + blocks.nodes[static_cast<size_t>(node)].local_offset +
               index * ring.pixel_bytes;
    }
};

// Columns [begin, end) of row y of a node; the columns are
// those of what it reads for a layer that doubles the size.
struct RowWorker {
    const Chunk& chunk;
    int node, y, begin, end;

    const Network& network() const { return chunk.network; }
    int input_node(size_t i) const { return network().graph().nodes[static_cast<size_t>(node)].inputs[i]; }
    const Ring& input(size_t i) const { return chunk.rings[input_node(i)]; }
    const Ring& output() const { return chunk.rings[node]; }
    const PackedLayer& packed() const { return network().layer(node); }
    uint8_t* out_pixel(int x) const { return chunk.pixel(node, y, x); }
    const uint8_t* in_pixel(size_t i, int x) const { return chunk.pixel(input_node(i), y, x); }
    int columns() const { return end - begin; }

    void operator()(const Input&) const {}
    void operator()(const Convolution&) const { convolve(1); }
    void operator()(const TransposedConvolution&) const { convolve(2); }

    // `scale`: output pixels per column and phases per axis.
    void convolve(int scale) const {
        const Ring& in = input(0);
        const int stride = packed().stride;
        for (int odd = 0; odd < scale; ++odd) {
            const Phase& phase = packed().phases[static_cast<size_t>(scale == 1 ? 0 : 2 * (y & 1) + odd)];
            const uint8_t* runs[kMaxRuns];
            if (network().member(input_node(0)).local)
                runs[0] = in_pixel(0, begin);  // only a pointwise convolution reads what is local
            else
                for (size_t i = 0; i < phase.runs.size(); ++i)
                    runs[i] = in.padded_row(y / scale * stride + phase.runs[i].row) +
                              (begin * stride + phase.runs[i].column) * in.pixel_bytes;
            sum(phase, runs, stride * in.pixel_bytes);
            network().kernels().requantise({&packed().out.table, Source::kI32, chunk.scratch.accumulators,
                                            packed().padded_channels, out_pixel(begin * scale + odd),
                                            scale * output().step, columns()});
        }
    }
    // Rows y … y + rows − 1.
    void convolve_winograd(int rows) const {
        const auto& layer = std::get<Convolution>(network().graph().nodes[static_cast<size_t>(node)].layer);
        const BlockNode& plan = chunk.blocks.nodes[static_cast<size_t>(node)];
        const Ring& in = input(0);
        const int first = y - layer.padding, needed = rows + 2 * layer.dilation;
        const int computed = round_up(rows, plan.tile_rows == 1 ? 1 : plan.tile_rows * layer.dilation);
        const uint8_t* inputs[kMaxInputRows];
        for (int i = 0; i < computed + 2 * layer.dilation; ++i)
            inputs[i] = (i < needed ? in.padded_row(first + i) : in.zero_row + in.left_bytes) +
                        (begin - layer.padding) * in.pixel_bytes;
        const int channels = packed().padded_channels;
        network().kernels().convolve_winograd(
            {inputs, plan.tile_rows, layer.dilation, computed, columns(), in.channels, channels, plan.weights,
             packed().phases[0].bias.data(), chunk.scratch.accumulators, chunk.scratch.kernel});
        for (int row = 0; row < rows; ++row)
            network().kernels().requantise(
                {&packed().out.table, Source::kI32,
                 chunk.scratch.accumulators + ptrdiff_t{row} * columns() * channels, channels,
                 chunk.pixel(node, y + row, begin), output().step, columns()});
    }
    void sum(const Phase& phase, const uint8_t* const* runs, ptrdiff_t column_step) const {
        network().kernels().convolve({runs, static_cast<int>(phase.runs.size()), phase.run_groups,
                                      column_step, columns(), packed().padded_channels, phase.weights.data(),
                                      phase.bias.data(), chunk.scratch.accumulators, chunk.scratch.kernel});
    }

    void operator()(const Gdn&) const {
        const Ring& in = input(0);
        const uint8_t* x = in_pixel(0, begin);
        network().kernels().square(x, chunk.scratch.squares, static_cast<size_t>(columns() * in.pixel_bytes));
        const uint8_t* run = chunk.scratch.squares;
        sum(packed().phases[0], &run, in.pixel_bytes);
        network().kernels().normalise({&packed().out.table, chunk.scratch.accumulators,
                                       packed().padded_channels, x, in.step, out_pixel(begin), output().step,
                                       columns(), network().graph().rsqrt.data()});
    }
    void operator()(const Requantise&) const {
        network().kernels().requantise({&packed().out.table, source(input(0).kind), in_pixel(0, begin),
                                        input(0).step, out_pixel(begin), output().step, columns()});
    }
    void operator()(const Add& layer) const {
        network().kernels().add({in_pixel(0, begin), in_pixel(1, begin), out_pixel(begin),
                                 source(input(0).kind), source(input(1).kind), source(layer.kind),
                                 input(0).step, input(1).step, output().step, columns(), output().channels,
                                 layer.multiplier_a, layer.multiplier_b, layer.shift});
    }
    void operator()(const Concat&) const {
        ptrdiff_t offset = 0;
        for (size_t i = 0; i < 2; ++i) {
            const ptrdiff_t bytes = input(i).channels * element_bytes(output().kind);
            copy_pixels(in_pixel(i, begin), input(i).pixel_bytes, out_pixel(begin) + offset,
                        output().pixel_bytes, bytes, columns());
            offset += bytes;
        }
    }
    void operator()(const PixelShuffle&) const {
        network().kernels().shuffle({chunk.pixel(input_node(0), y / 2, begin), input(0).step,
                                     out_pixel(2 * begin), output().step, columns(), output().channels, y & 1,
                                     output().kind == ElementKind::kI16});
    }
};

size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

ScratchSizes scratch_sizes(const Network& network, const Blocks& blocks) {
    ScratchSizes sizes;
    const auto fit = [](size_t& size, size_t bytes) { size = std::max(size, aligned(bytes)); };
    for (size_t i = 0; i < blocks.groups.size(); ++i) {
        const Group& group = network.groups()[i];
        const Block& block = blocks.groups[i];
        fit(sizes.tensors, block.local_bytes);
        for (int node = group.first; node < group.end; ++node) {
            const PackedLayer& layer = network.layer(node);
            const Node& what = network.graph().nodes[static_cast<size_t>(node)];
            const int scale = doubles_size(what.layer) ? 0 : network.member(node).scale_log2;
            const int columns = block.columns << scale;
            const bool filtered = blocks.nodes[static_cast<size_t>(node)].tile_rows > 0;
            const int rows = filtered ? block.rows << scale : 1;
            for (const Phase& phase : layer.phases) {
                const TensorType& in = network.type(what.inputs[0]);
                const int in_step = pixel_step(in);
                fit(sizes.accumulators,
                    sizeof(int32_t) * static_cast<size_t>(rows * columns * layer.padded_channels));
                if (std::holds_alternative<Gdn>(what.layer))
                    fit(sizes.squares, static_cast<size_t>(columns * in_step));
                fit(sizes.kernel, filtered ? network.kernels().winograd_scratch_bytes(in.channels)
                                           : network.kernels().scratch_bytes(
                                                 static_cast<int>(phase.runs.size()), phase.run_groups,
                                                 layer.stride * in_step, columns));
            }
        }
    }
    return sizes;
}

void compute_rows(const Network& network, const Rings& rings, const Blocks& blocks, size_t group, int row,
                  int rows, int begin, int end, const Scratch& scratch) {
    const Group& nodes = network.groups()[group];
    const Block& block = blocks.groups[group];
    for (int first = begin, last; first < end; first = last) {
        // Whole units of columns: where the last one would reach beyond the end, it begins earlier.
        const int whole = std::min(end - first, block.columns) / block.column_unit * block.column_unit;
        if (whole == 0) first = end - block.column_unit;
        last = whole > 0 ? first + whole : end;
        const Chunk chunk{network, rings, blocks, block, scratch, row, first};
        for (int node = nodes.first; node < nodes.end; ++node) {
            const Layer& layer = network.graph().nodes[static_cast<size_t>(node)].layer;
            const int doubled = network.member(node).scale_log2;
            const int columns = doubles_size(layer) ? 0 : doubled;
            const int top = row << doubled, count = rows << doubled;
            const RowWorker worker{chunk, node, top, first << columns, last << columns};
            if (blocks.nodes[static_cast<size_t>(node)].tile_rows > 0) {
                worker.convolve_winograd(count);
                continue;
            }
            for (int y = top; y < top + count; ++y)
                std::visit(RowWorker{chunk, node, y, first << columns, last << columns}, layer);
        }
    }
}

}  // namespace residua::nn
