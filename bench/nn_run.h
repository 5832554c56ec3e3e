// A network on a picture of noise.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "nn/executor.h"
#include "nn/test_graphs.h"

namespace residua::nn {

class Run {
  public:
    Run(const Graph& graph, Isa isa, int width, int height, ThreadPool& pool)
        : network_(graph, isa), executor_(network_, width, height, allocator_, pool) {
        Random random(1);
        for (const Node& node : graph.nodes) {
            const auto* input = std::get_if<Input>(&node.layer);
            if (!input) continue;
            std::vector<uint8_t> row(static_cast<size_t>((width >> input->downscale) * input->channels));
            for (uint8_t& byte : row) byte = static_cast<uint8_t>(random());
            readers_.push_back(
                [row = std::move(row)](int, uint8_t* to) { std::copy(row.begin(), row.end(), to); });
        }
    }
    void operator()() {
        executor_.run(readers_, [](const Executor::OutputRows& rows) {
            benchmark::DoNotOptimize(rows.bytes(0, rows.first_row_of(0)));
        });
    }
    Executor& executor() { return executor_; }
    const Network& network() const { return network_; }
    double mebibytes() const { return static_cast<double>(allocator_.peak()) / (1 << 20); }

  private:
    const Network network_;
    Allocator allocator_;
    Executor executor_;
    std::vector<Executor::InputRow> readers_;
};

}  // namespace residua::nn
