// In which order the rows of the nodes come to be. A picture passes through the network from top to bottom in
// bands; in each step every node computes the rows that its inputs allow, at most a band. No row is computed
// twice, and each node keeps only the rows that another node still needs.
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
    int output_height() const { return output_height_; }  // of the tallest output

    void restart();
    bool finished() const;
    int produced(int node) const { return produced_[static_cast<size_t>(node)]; }
    // How many rows of the node can exist after this step.
    int reachable(int node) const;
    void set_produced(int node, int rows) { produced_[static_cast<size_t>(node)] = rows; }
    // Rows of the tallest output for which every output is there.
    int emittable() const;
    int emitted() const { return emitted_; }
    void set_emitted(int rows) { emitted_ = rows; }
    // The row of output `index` that belongs to row `row` of the tallest.
    int output_row(size_t index, int row) const;

    // Rows that each node must keep, found by running through all steps.
    std::vector<int> ring_capacities();

  private:
    struct Size {
        int width, height;
        int rows_per_step;
    };
    int first_needed(int node) const;

    const Network& network_;
    std::vector<Size> sizes_;
    std::vector<std::vector<int>> consumers_;   // [node]
    std::vector<std::vector<size_t>> outputs_;  // [node], indices of Graph::outputs
    std::vector<int> produced_;
    int output_height_ = 0;
    int emitted_ = 0;
};

}  // namespace residua::nn
