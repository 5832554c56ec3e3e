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

bool is_input(const Node& node) { return std::holds_alternative<Input>(node.layer); }

// Space for one row as the caller writes it, without the padding of pixels to kByteGroup.
uint64_t input_row_bytes(const Network& network, const Schedule& schedule) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < network.types().size(); ++i) {
        const TensorType& type = network.types()[i];
        if (is_input(network.graph().nodes[i]) && pixel_step(type) != type.channels)
            bytes = std::max(bytes, static_cast<uint64_t>(schedule.width(static_cast<int>(i))) *
                                        static_cast<uint64_t>(type.channels));
    }
    return bytes;
}

}  // namespace

Executor::Executor(const Network& network, int width, int height, Allocator& allocator, ThreadPool& pool,
                   int band_rows)
    : network_(network),
      pool_(pool),
      schedule_(network, width, height, band_rows_for(network, width, band_rows)),
      rings_(plan_rings(network, schedule_), allocator),
      blocks_(plan_blocks(network, schedule_)),
      winograd_weights_(allocator, winograd_weight_bytes(network, blocks_)),
      scratch_sizes_(scratch_sizes(network, blocks_)),
      scratch_(allocator, product(scratch_sizes_.total(), pool.size())),
      input_row_(allocator, input_row_bytes(network, schedule_)) {
    pack_winograd_weights(network, winograd_weights_.data(), pool, blocks_);
    for (size_t node = 0; node < blocks_.nodes.size(); ++node)
        if (blocks_.nodes[node].tile_rows == 0) network.pack_weights(static_cast<int>(node));
}

uint64_t Executor::memory_bytes(const Network& network, int width, int height, int threads, int band_rows) {
    Schedule schedule(network, width, height, band_rows_for(network, width, band_rows));
    const Blocks blocks = plan_blocks(network, schedule);
    return plan_rings(network, schedule).bytes() + winograd_weight_bytes(network, blocks) +
           scratch_sizes(network, blocks).total() * static_cast<uint64_t>(threads) +
           input_row_bytes(network, schedule);
}

// What Schedule::run() asks for.
struct Executor::Steps {
    Executor& executor;
    std::span<const InputRow> inputs;
    const Consumer& consumer;
    OutputRows rows;
    size_t next_input = 0;

    void take(int node, int first, int end) { executor.rings_.take(node, first, end); }
    void release(int node, int first, int end) { executor.rings_.release(node, first, end); }
    void compute(const Group& group, int first, int end) {
        if (is_input(executor.network_.graph().nodes[static_cast<size_t>(group.first)]))
            executor.read_input(inputs[next_input++ % inputs.size()], group.first, first, end);
        else if (first < end)
            executor.compute(static_cast<size_t>(executor.network_.member(group.first).group), first, end);
        if (executor.observer_) executor.observer_(group);
    }
    void emit(int first, int end) {
        rows.first_row = first;
        rows.row_count = end - first;
        consumer(rows);
    }
};

void Executor::run(std::span<const InputRow> inputs, const Consumer& consumer) {
    const auto& nodes = network_.graph().nodes;
    if (static_cast<size_t>(std::count_if(nodes.begin(), nodes.end(), is_input)) != inputs.size())
        throw Error(ErrorCode::kInvalidArgument, "the network has another number of inputs");
    rings_.restart();
    Steps steps{*this, inputs, consumer, OutputRows(network_, rings_, schedule_)};
    schedule_.run(steps);
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

void Executor::compute(size_t group, int first, int end) {
    const Block& block = blocks_.groups[group];
    const int count = (end - first + block.rows - 1) / block.rows;
    const int columns = schedule_.width(network_.groups()[group].reference);
    const int wanted_tasks = pool_.size() == 1 ? 1 : kTasksPerThread * pool_.size();
    const int parts =
        std::clamp((wanted_tasks + count - 1) / count, 1, std::max(1, columns / kMinTaskColumns));
    pool_.parallel_for(int64_t{count} * parts, [&](int64_t i, int thread) {
        const int row = first + static_cast<int>(i / parts) * block.rows, part = static_cast<int>(i % parts);
        const Scratch scratch =
            scratch_sizes_.at(scratch_.data() + scratch_sizes_.total() * static_cast<size_t>(thread));
        const auto edge = [&](int k) {
            return k == parts ? columns
                              : static_cast<int>(int64_t{columns} * k / parts) / block.column_unit *
                                    block.column_unit;
        };
        compute_rows(network_, rings_, blocks_, group, row, std::min(block.rows, end - row), edge(part),
                     edge(part + 1), scratch);
    });
}

}  // namespace residua::nn
