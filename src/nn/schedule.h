// In which order the rows of the nodes come to be. A picture passes through the network from top to bottom in
// bands; in each step every group of nodes computes the rows that its inputs allow, at most a band. No row is
// computed twice, and each node keeps only the rows that another node still needs.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/network.h"

namespace residua::nn {

class Schedule {
  public:
    Schedule(const Network& network, int width, int height, int band_rows);

    int width(int node) const { return sizes_[static_cast<size_t>(node)].width; }
    int height(int node) const { return sizes_[static_cast<size_t>(node)].height; }
    int rows_per_step(int node) const { return sizes_[static_cast<size_t>(node)].rows_per_step; }
    int output_height() const { return output_height_; }  // of the tallest output

    // The row of output `index` that belongs to row `row` of the tallest.
    int output_row(size_t index, int row) const;

    // Goes through the picture and calls, in this order for each group with rows to compute,
    //   steps.take(node, first, end)      for each node of the group that has rows in memory, once per row
    //   steps.compute(group, first, end)  the group's rows (see groups.h), ascending; also without any rows
    //   steps.release(node, first, end)   rows that nothing needs any more
    // and whenever rows of the tallest output are there, with those of all others that belong to them,
    //   steps.emit(first, end)            followed by steps.release
    template <typename Steps>
    void run(Steps& steps);

  private:
    struct Size {
        int width, height;
        int rows_per_step;
    };
    int scale_log2(int node) const { return network_.member(node).scale_log2; }
    int produced(int node) const { return produced_[static_cast<size_t>(node)]; }
    int produced(const Group& group) const { return produced(group.first) >> scale_log2(group.first); }

    void restart();
    bool finished() const;
    // How many rows of the group can exist after this step.
    int reachable(const Group& group) const;
    void set_produced(const Group& group, int rows);
    // Rows of the tallest output for which every output is there.
    int emittable() const;
    int first_needed(int node) const;
    template <typename Steps>
    void release(int node, Steps& steps);

    const Network& network_;
    std::vector<Size> sizes_;
    std::vector<std::vector<int>> consumers_;   // [node]
    std::vector<std::vector<size_t>> outputs_;  // [node], indices of Graph::outputs
    int output_height_ = 0;
    // Rows so far.
    std::vector<int> produced_, released_;  // [node]
    int emitted_ = 0;
};

template <typename Steps>
void Schedule::run(Steps& steps) {
    const Graph& graph = network_.graph();
    restart();
    while (!finished()) {
        for (const Group& group : network_.groups()) {
            const int first = produced(group), end = reachable(group);
            for (int node = group.first; node < group.end; ++node)
                if (first < end && !network_.member(node).local)
                    steps.take(node, first << scale_log2(node), end << scale_log2(node));
            steps.compute(group, first, end);
            set_produced(group, end);
            for (int node = group.first; node < group.end; ++node)
                for (int id : graph.nodes[static_cast<size_t>(node)].inputs)
                    if (id < group.first) release(id, steps);
        }
        const int end = emittable();
        if (end == emitted_) continue;
        steps.emit(emitted_, end);
        emitted_ = end;
        for (const Output& output : graph.outputs) release(output.node, steps);
    }
}

template <typename Steps>
void Schedule::release(int node, Steps& steps) {
    int& released = released_[static_cast<size_t>(node)];
    const int end = first_needed(node);
    if (released < end) steps.release(node, released, end);
    released = end;
}

}  // namespace residua::nn
