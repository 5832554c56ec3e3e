// A graph made ready for one instruction set: packed weights, to be shared by any number of executors.
#pragma once

#include <mutex>
#include <vector>

#include "base/cpu.h"
#include "nn/graph.h"
#include "nn/groups.h"
#include "nn/kernels.h"
#include "nn/shapes.h"

namespace residua::nn {

// A 64-byte aligned array of T, zero where nothing was written.
template <typename T>
class AlignedArray {
  public:
    AlignedArray() = default;
    explicit AlignedArray(size_t count) : lines_((count * sizeof(T) + sizeof(Line) - 1) / sizeof(Line)) {}
    T* data() { return reinterpret_cast<T*>(lines_.data()); }
    const T* data() const { return reinterpret_cast<const T*>(lines_.data()); }

  private:
    struct alignas(64) Line {
        uint8_t bytes[64] = {};
    };
    std::vector<Line> lines_;
};

// The first pixel of a run (see ConvolveArgs) relative to the pixel (y·stride, x·stride) of the input.
struct RunStart {
    int row;
    int column;
};

// A weighted sum over runs. A convolution and GDN have one; a transposed convolution has four, one for each
// parity of the output's row and column, index 2·(Y & 1) + (X & 1).
struct Phase {
    std::vector<RunStart> runs;
    int run_groups = 0;
    AlignedArray<uint8_t> weights;
    AlignedArray<int32_t> bias;
};

// A Requantisation as the kernels take it; `table` points into the arrays.
struct PackedRequantisation {
    RequantiseTable table{};
    AlignedArray<int32_t> multiplier, negative_multiplier, high_shift;

    PackedRequantisation() = default;
    PackedRequantisation(PackedRequantisation&&) = default;  // vectors keep their memory
    PackedRequantisation& operator=(PackedRequantisation&&) = default;
    explicit PackedRequantisation(const Requantisation& out);
};

struct PackedLayer {
    std::vector<Phase> phases;
    int stride = 1;
    int padded_channels = 0;  // of the output, for the accumulators
    bool suits_winograd = false;
    bool packed = true;  // the phases have their weights
    PackedRequantisation out;
};

class Network {
  public:
    // Throws kCorrupt when the graph does not pass validate().
    explicit Network(Graph graph, Isa isa = active_isa());
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    const Graph& graph() const { return graph_; }
    const TensorType& type(int node) const { return types_[static_cast<size_t>(node)]; }
    const std::vector<TensorType>& types() const { return types_; }
    const std::vector<Group>& groups() const { return groups_.groups; }
    const GroupMember& member(int node) const { return groups_.members[static_cast<size_t>(node)]; }
    const PackedLayer& layer(int node) const { return layers_[static_cast<size_t>(node)]; }
    // Packs a node's weights where that has been left until somebody needs them. For any thread.
    void pack_weights(int node) const;
    const Kernels& kernels() const { return kernels_; }
    int output_index(const char* name) const;  // −1 when there is none

  private:
    Graph graph_;
    std::vector<TensorType> types_;
    Groups groups_;
    const Kernels& kernels_;
    mutable std::vector<PackedLayer> layers_;
    mutable std::mutex packing_;
};

}  // namespace residua::nn
