// Runs a network over a picture, band by band, with memory for some rows of each layer only. The result
// depends neither on the number of threads, nor on the height of the bands, nor on the instruction set.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/memory.h"
#include "base/thread_pool.h"
#include "nn/layer_rows.h"
#include "nn/network.h"
#include "nn/rings.h"
#include "nn/schedule.h"

namespace residua::nn {

class Executor {
  public:
    // width, height: of the picture, multiples of Graph::align (else
    // kInvalidArgument). band_rows: rows of the picture per step, 0 = chosen here.
    // Network, allocator and pool must outlive the executor. Throws kMemoryLimit.
    Executor(const Network& network, int width, int height, Allocator& allocator, ThreadPool& pool,
             int band_rows = 0);

    // Writes row y, width·channels bytes [x][c], to `row`. Called on the thread that calls run(), y
    // ascending, each row once.
    using InputRow = std::function<void(int y, uint8_t* row)>;

    // A range of rows of all outputs. Rows are numbered within each output.
    class OutputRows {
      public:
        int first_row, row_count;  // of the tallest output; of every output when all have the same size

        // For outputs of another size: their share of the range (possibly no row).
        int first_row_of(int output) const {
            return schedule_.output_row(static_cast<size_t>(output), first_row);
        }
        int end_row_of(int output) const {
            return schedule_.output_row(static_cast<size_t>(output), first_row + row_count);
        }
        // Outputs in the order of Graph::outputs; y in the range above. Row of a kI16 output: [x][c], dense.
        const int16_t* row(int output, int y) const {
            return reinterpret_cast<const int16_t*>(bytes(output, y));
        }
        // Row of an 8-bit output: [x][c] with `pixel_bytes` from one pixel to the next.
        const uint8_t* bytes(int output, int y) const { return ring(output).row(y); }
        int pixel_bytes(int output) const { return static_cast<int>(ring(output).pixel_bytes); }
        int width(int output) const { return ring(output).width; }

      private:
        friend class Executor;
        OutputRows(const Network& network, const Rings& rings, const Schedule& schedule)
            : first_row(0), row_count(0), network_(network), rings_(rings), schedule_(schedule) {}
        const Ring& ring(int output) const {
            return rings_[network_.graph().outputs[static_cast<size_t>(output)].node];
        }
        const Network& network_;
        const Rings& rings_;
        const Schedule& schedule_;
    };
    // Called on the thread that calls run(), with ranges that follow each other
    // from row 0 to the last. The rows are valid until it returns. It may use
    // the pool. An exception from it ends run() and leaves the executor usable.
    using Consumer = std::function<void(const OutputRows&)>;

    // `inputs` in the order of the graph's Input nodes.
    void run(std::span<const InputRow> inputs, const Consumer& consumer);
    void run(const InputRow& input, const Consumer& consumer) { run(std::span(&input, 1), consumer); }

    // Called by run() when the rows of a group that one step computes are there: for profiles.
    using Observer = std::function<void(const Group& group)>;
    void observe(Observer observer) { observer_ = std::move(observer); }

    // What an executor takes from its allocator.
    static uint64_t memory_bytes(const Network& network, int width, int height, int threads,
                                 int band_rows = 0);

  private:
    struct Steps;
    void read_input(const InputRow& input, int node, int first, int end);
    void compute(size_t group, int first, int end);

    const Network& network_;
    ThreadPool& pool_;
    Schedule schedule_;
    Rings rings_;
    Blocks blocks_;
    Buffer<uint8_t> winograd_weights_;
    ScratchSizes scratch_sizes_;
    Buffer<uint8_t> scratch_;
    Buffer<uint8_t> input_row_;
    Observer observer_;
};

}  // namespace residua::nn
