// Computes a part of one row of one node.
#pragma once

#include "nn/network.h"
#include "nn/rings.h"

namespace residua::nn {

// What one thread needs beside the rings.
struct Scratch {
    int32_t* accumulators;
    uint8_t* squares;  // of GDN
    uint8_t* kernel;   // ConvolveArgs::scratch
};

struct ScratchSizes {
    size_t accumulators = 0, squares = 0, kernel = 0;  // bytes, multiples of 64
    size_t total() const { return accumulators + squares + kernel; }
};
ScratchSizes scratch_sizes(const Network& network);  // for any node of the network

// A row is computed in columns of this node's input for layers that double the size, else of its own.
int work_columns(const Network& network, const Rings& rings, int node);

// Row y of `node`, work columns [begin, end). The rows of its inputs that it reads must be in the rings.
void compute_row(const Network& network, const Rings& rings, int node, int y, int begin, int end,
                 const Scratch& scratch);

}  // namespace residua::nn
