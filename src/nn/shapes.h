// What flows between the nodes of a graph: kinds, channels and sizes.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/graph.h"

namespace residua::nn {

// A node's tensor for every picture size N that is a multiple of Graph::align: height and width are
// N·2^scale_log2 + offset.
struct TensorType {
    ElementKind kind;
    int channels;
    int scale_log2;
    int offset;

    bool operator==(const TensorType&) const = default;
    // Rows (or columns) for a picture of `picture` rows (or columns).
    int64_t extent(int64_t picture) const {
        return (scale_log2 >= 0 ? picture << scale_log2 : picture >> -scale_log2) + offset;
    }
};

// In memory, from one element of a row to that of the next
// pixel: the channels, for 8-bit kinds rounded up to kByteGroup.
int pixel_step(const TensorType& type);
inline int pixel_bytes(const TensorType& type) { return pixel_step(type) * element_bytes(type.kind); }

// One per node. Throws kCorrupt where inputs of a node do not fit it or each other.
std::vector<TensorType> infer_types(const Graph& graph);

// Multiply-adds (convolutions and the sums of GDN) per pixel of the picture, weights at the borders included.
double multiply_adds_per_pixel(const Graph& graph);
std::vector<double> multiply_adds_of_nodes(const Graph& graph);  // likewise, of each node

// Number of weights, biases and requantisation parameters are not counted.
uint64_t weight_count(const Graph& graph);

}  // namespace residua::nn
