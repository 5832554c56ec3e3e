#include "nn/blocks.h"

#include <algorithm>

namespace residua::nn {

namespace {

// The accumulators of a block of one row, and its local tensors, stay in the first-level cache; a multiple of
// the kernels' tiles.
constexpr int kRowBytes = 24 << 10;
constexpr int kTileColumns = 24;
constexpr int kMaxColumns = 96;
// Those of a block of several rows stay in the second-level cache, with weights and products of minimal
// filtering.
constexpr int kBlockBytes = 96 << 10;
constexpr int kMinWidth = 64;

struct Planner {
    const Network& network;
    const Schedule& schedule;
    Blocks blocks;

    const Layer& layer(int id) const { return network.graph().nodes[static_cast<size_t>(id)].layer; }
    BlockNode& node(int id) { return blocks.nodes[static_cast<size_t>(id)]; }
    size_t pixels(int id, size_t of_group) const { return of_group << 2 * network.member(id).scale_log2; }

    const Convolution* filtered(int id) const {
        if (!network.kernels().convolve_winograd || !network.layer(id).suits_winograd ||
            schedule.width(id) < kMinWidth ||
            int64_t{schedule.width(id)} * schedule.height(id) < network.kernels().winograd_pixels)
            return nullptr;
        return std::get_if<Convolution>(&layer(id));
    }

    void plan(const Group& group) {
        Block block;
        int dilation = 0;
        for (int id = group.first; id < group.end; ++id)
            if (const Convolution* conv = filtered(id)) dilation = std::max(dilation, conv->dilation);
        if (dilation > 0) {
            const int step = schedule.rows_per_step(group.first) >> network.member(group.first).scale_log2;
            while (2 * block.rows <= std::min(step, 4 * dilation)) block.rows *= 2;
            block.column_unit = kWinogradColumns * dilation;
            for (int id = group.first; id < group.end; ++id)
                if (const Convolution* conv = filtered(id))
                    node(id).tile_rows = std::clamp(block.rows / conv->dilation, 1, 4);
        }
        size_t accumulators = 0, local = 0;  // bytes for each pixel of the group
        for (int id = group.first; id < group.end; ++id) {
            const TensorType& type = network.type(id);
            if (network.layer(id).padded_channels > 0 && !network.layer(id).phases.empty()) {
                const size_t bytes = sizeof(int32_t) * static_cast<size_t>(network.layer(id).padded_channels);
                accumulators = std::max(accumulators, dilation > 0 ? pixels(id, bytes) : bytes);
            }
            if (network.member(id).local) local += pixels(id, static_cast<size_t>(pixel_bytes(type)));
        }
        const int unit = dilation > 0 ? block.column_unit : kTileColumns;
        const auto most = static_cast<int>((dilation > 0 ? kBlockBytes : kRowBytes) /
                                           std::max({accumulators, local, size_t{1}}));
        block.columns = std::clamp(most / block.rows / unit * unit, unit, kMaxColumns / unit * unit);
        for (int id = group.first; id < group.end; ++id) {
            if (!network.member(id).local) continue;
            node(id).local_offset = block.local_bytes;
            const size_t bytes = pixels(id, static_cast<size_t>(block.rows * block.columns)) *
                                 static_cast<size_t>(pixel_bytes(network.type(id)));
            block.local_bytes += (bytes + 63) / 64 * 64;
        }
        blocks.groups.push_back(block);
    }
};

size_t weight_bytes(const Network& network, const Blocks& blocks, size_t id) {
    const BlockNode& node = blocks.nodes[id];
    if (node.tile_rows == 0) return 0;
    const int in_channels = network.type(network.graph().nodes[id].inputs[0]).channels;
    const size_t bytes = network.kernels().winograd_bytes(network.layer(static_cast<int>(id)).padded_channels,
                                                          in_channels, node.tile_rows);
    return (bytes + 63) / 64 * 64;
}

}  // namespace

Blocks plan_blocks(const Network& network, const Schedule& schedule) {
    Planner planner{network, schedule, {}};
    planner.blocks.nodes.resize(network.graph().nodes.size());
    for (const Group& group : network.groups()) planner.plan(group);
    return planner.blocks;
}

size_t winograd_weight_bytes(const Network& network, const Blocks& blocks) {
    size_t bytes = 0;
    for (size_t id = 0; id < blocks.nodes.size(); ++id) bytes += weight_bytes(network, blocks, id);
    return bytes;
}

void pack_winograd_weights(const Network& network, uint8_t* to, ThreadPool& pool, Blocks& blocks) {
    std::vector<size_t> filtered;
    for (size_t id = 0; id < blocks.nodes.size(); ++id) {
        if (blocks.nodes[id].tile_rows == 0) continue;
        filtered.push_back(id);
        blocks.nodes[id].weights = to;
        to += weight_bytes(network, blocks, id);
    }
    pool.parallel_for(static_cast<int64_t>(filtered.size()), [&](int64_t i, int) {
        const size_t id = filtered[static_cast<size_t>(i)];
        const auto& conv = std::get<Convolution>(network.graph().nodes[id].layer);
        const int out_channels = network.layer(static_cast<int>(id)).padded_channels;
        const int in_channels = network.type(network.graph().nodes[id].inputs[0]).channels;
        std::vector<int8_t> padded;
        const int8_t* weights = conv.weights.data();
        if (out_channels != conv.out_channels) {
            padded.assign(conv.weights.begin(), conv.weights.end());
            padded.resize(static_cast<size_t>(out_channels) * 9 * static_cast<size_t>(in_channels));
            weights = padded.data();
        }
        network.kernels().pack_winograd(weights, out_channels, in_channels, blocks.nodes[id].tile_rows,
                                        blocks.nodes[id].weights);
    });
}

}  // namespace residua::nn
