#include "nn/schedule.h"

#include <algorithm>
#include <climits>
#include <string>

#include "base/error.h"

namespace residua::nn {

namespace {

constexpr int kMaxExtent = 1 << 24;

// Rows of the output that `available` rows of an input allow, when the input has not ended.
struct RowsAllowed {
    int available;

    int operator()(const Convolution& layer) const {
        // Row y reads up to row y·stride − padding + dilation·(kernel − 1).
        const int last = available - 1 + layer.padding - layer.dilation * (layer.kernel - 1);
        return last < 0 ? 0 : last / layer.stride + 1;
    }
    int operator()(const TransposedConvolution&) const { return std::max(0, 2 * available - 1); }
    int operator()(const PixelShuffle&) const { return 2 * available; }
    template <typename Other>
    int operator()(const Other&) const {
        return available;
    }
};

// First row of an input that row `row` of the output reads.
struct FirstRow {
    int row;

    int operator()(const Convolution& layer) const { return std::max(0, row * layer.stride - layer.padding); }
    int operator()(const TransposedConvolution&) const { return row > 0 ? (row - 1) / 2 : 0; }
    int operator()(const PixelShuffle&) const { return row / 2; }
    template <typename Other>
    int operator()(const Other&) const {
        return row;
    }
};

}  // namespace

Schedule::Schedule(const Network& network, int width, int height, int band_rows) : network_(network) {
    const Graph& graph = network.graph();
    if (width < 1 || height < 1 || width > kMaxExtent || height > kMaxExtent || width % graph.align != 0 ||
        height % graph.align != 0)
        throw Error(ErrorCode::kInvalidArgument, "a network cannot run on a picture of " +
                                                     std::to_string(width) + "x" + std::to_string(height) +
                                                     " pixels");
    consumers_.resize(graph.nodes.size());
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
        const TensorType& type = network.types()[i];
        const int64_t columns = type.extent(width), rows = type.extent(height);
        if (columns < 1 || rows < 1 || columns > kMaxExtent || rows > kMaxExtent)
            throw Error(ErrorCode::kInvalidArgument, "the picture's size does not fit the network");
        sizes_.push_back({static_cast<int>(columns), static_cast<int>(rows),
                          std::max(1, type.scale_log2 >= 0 ? band_rows << type.scale_log2
                                                           : band_rows >> -type.scale_log2)});
        for (int id : graph.nodes[i].inputs)
            consumers_[static_cast<size_t>(id)].push_back(static_cast<int>(i));
    }
    outputs_.resize(graph.nodes.size());
    for (size_t i = 0; i < graph.outputs.size(); ++i) {
        const int node = graph.outputs[i].node;
        outputs_[static_cast<size_t>(node)].push_back(i);
        output_height_ = std::max(output_height_, this->height(node));
    }
    restart();
}

void Schedule::restart() {
    produced_.assign(sizes_.size(), 0);
    released_.assign(sizes_.size(), 0);
    emitted_ = 0;
}

bool Schedule::finished() const {
    for (size_t i = 0; i < sizes_.size(); ++i)
        if (produced_[i] < sizes_[i].height) return false;
    return emitted_ == output_height_;
}

int Schedule::reachable(const Group& group) const {
    const Size& size = sizes_[static_cast<size_t>(group.reference)];
    int rows = std::min(size.height, produced(group) + size.rows_per_step);
    for (int node = group.first; node < group.end; ++node) {
        const Node& what = network_.graph().nodes[static_cast<size_t>(node)];
        for (int id : what.inputs)
            if (id < group.first && produced(id) < height(id))
                rows = std::min(rows, std::visit(RowsAllowed{produced(id)}, what.layer) >> scale_log2(node));
    }
    return std::max(rows, produced(group));
}

void Schedule::set_produced(const Group& group, int rows) {
    for (int node = group.first; node < group.end; ++node)
        produced_[static_cast<size_t>(node)] = rows << scale_log2(node);
}

int Schedule::output_row(size_t index, int row) const {
    return static_cast<int>(int64_t{row} * height(network_.graph().outputs[index].node) / output_height_);
}

int Schedule::emittable() const {
    int64_t rows = output_height_;
    for (const Output& output : network_.graph().outputs)
        if (produced(output.node) < height(output.node))
            rows = std::min(
                rows, ((produced(output.node) + int64_t{1}) * output_height_ - 1) / height(output.node));
    return static_cast<int>(rows);
}

int Schedule::first_needed(int node) const {
    int first = INT_MAX;
    for (int id : consumers_[static_cast<size_t>(node)])
        if (produced(id) < height(id))
            first = std::min(first, std::visit(FirstRow{produced(id)},
                                               network_.graph().nodes[static_cast<size_t>(id)].layer));
    for (size_t output : outputs_[static_cast<size_t>(node)])
        first = std::min(first, output_row(output, emitted_));
    return std::min(first, produced(node));
}

}  // namespace residua::nn
