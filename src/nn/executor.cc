#include "nn/executor.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace residua::nn {

namespace {

// A step should hold enough work that waiting for its slowest thread is cheap, and few enough rows that what
// one layer writes is still in the cache when the next one reads it.
constexpr int kPixelsPerBand = 16384;
constexpr int kMaxBandRows = 16;
constexpr int kTasksPerThread = 3;
constexpr int kMinTaskColumns = 48;

int band_rows_for(const Network& network, int width, int band_rows) {
    const int align = network.graph().align;
    if (band_rows <= 0) band_rows = std::clamp(kPixelsPerBand / std::max(width, 1), 1, kMaxBandRows);
    return (band_rows + align - 1) / align * align;
}

// Space for one row as the caller writes it, without the padding of pixels to kByteGroup.
uint64_t input_row_bytes(const std::vector<Ring>& rings, const Graph& graph) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < rings.size(); ++i)
        if (std::holds_alternative<Input>(graph.nodes[i].layer) && rings[i].step != rings[i].channels)
            bytes = std::max(
                bytes, static_cast<uint64_t>(rings[i].width) * static_cast<uint64_t>(rings[i].channels));
    return bytes;
}

}  // namespace

Executor::Executor(const Network& network, int width, int height, Allocator& allocator, ThreadPool& pool,
                   int band_rows)
    : network_(network),
      pool_(pool),
      schedule_(network, width, height, band_rows_for(network, width, band_rows)),
      rings_(plan_rings(network, schedule_), allocator),
      scratch_sizes_(scratch_sizes(network)),
      scratch_(allocator, scratch_sizes_.total() * static_cast<size_t>(pool.size())),
      input_row_(allocator, input_row_bytes(rings_.all(), network.graph())) {}

uint64_t Executor::memory_bytes(const Network& network, int width, int height, int threads, int band_rows) {
    Schedule schedule(network, width, height, band_rows_for(network, width, band_rows));
    const std::vector<Ring> rings = plan_rings(network, schedule);
    return ring_bytes(rings) + scratch_sizes(network).total() * static_cast<uint64_t>(threads) +
           input_row_bytes(rings, network.graph());
}

void Executor::run(std::span<const InputRow> inputs, const Consumer& consumer) {
    const auto& nodes = network_.graph().nodes;
    const auto is_input = [](const Node& node) { return std::holds_alternative<Input>(node.layer); };
    if (static_cast<size_t>(std::count_if(nodes.begin(), nodes.end(), is_input)) != inputs.size())
        throw Error(ErrorCode::kInvalidArgument, "the network has another number of inputs");

    OutputRows rows(network_, rings_, schedule_);
    schedule_.restart();
    while (!schedule_.finished()) {
        size_t next_input = 0;
        for (int node = 0; node < static_cast<int>(nodes.size()); ++node) {
            const int first = schedule_.produced(node), end = schedule_.reachable(node);
            if (is_input(nodes[static_cast<size_t>(node)]))
                read_input(inputs[next_input++], node, first, end);
            else if (first < end)
                compute(node, first, end);
            schedule_.set_produced(node, end);
        }
        const int end = schedule_.emittable();
        if (end > schedule_.emitted()) {
            rows.first_row = schedule_.emitted();
            rows.row_count = end - schedule_.emitted();
            consumer(rows);
            schedule_.set_emitted(end);
        }
    }
}

void Executor::read_input(const InputRow& input, int node, int first, int end) {
    const Ring& ring = rings_[node];
    for (int y = first; y < end; ++y) {
        if (ring.step == ring.channels) {
            input(y, ring.row(y));
            continue;
        }
        input(y, input_row_.data());
        const uint8_t* from = input_row_.data();
        uint8_t* to = ring.row(y);
        for (int x = 0; x < ring.width; ++x, from += ring.channels, to += ring.step)
            for (int channel = 0; channel < ring.channels; ++channel) to[channel] = from[channel];
    }
}

void Executor::compute(int node, int first, int end) {
    const int rows = end - first;
    const int columns = work_columns(network_, rings_, node);
    const int wanted_tasks = pool_.size() == 1 ? 1 : kTasksPerThread * pool_.size();
    const int parts = std::clamp((wanted_tasks + rows - 1) / rows, 1, std::max(1, columns / kMinTaskColumns));
    pool_.parallel_for(int64_t{rows} * parts, [&](int64_t i, int thread) {
        const int row = static_cast<int>(i / parts), part = static_cast<int>(i % parts);
        uint8_t* bytes = scratch_.data() + scratch_sizes_.total() * static_cast<size_t>(thread);
        const Scratch scratch{reinterpret_cast<int32_t*>(bytes), bytes + scratch_sizes_.accumulators,
                              bytes + scratch_sizes_.accumulators + scratch_sizes_.squares};
        const auto edge = [&](int k) { return static_cast<int>(int64_t{columns} * k / parts); };
        compute_row(network_, rings_, node, first + row, edge(part), edge(part + 1), scratch);
    });
}

}  // namespace residua::nn
