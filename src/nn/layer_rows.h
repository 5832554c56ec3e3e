// Computes a part of some rows of a group of nodes.
#pragma once

#include "nn/blocks.h"
#include "nn/network.h"
#include "nn/rings.h"

namespace residua::nn {

// What one thread needs beside the rings.
struct Scratch {
    int32_t* accumulators;
    uint8_t* squares;  // of GDN
    uint8_t* kernel;   // ConvolveArgs::scratch
    uint8_t* tensors;  // tensors that stay within the group
};

struct ScratchSizes {
    size_t accumulators = 0, squares = 0, kernel = 0, tensors = 0;  // bytes, multiples of 64
    size_t total() const { return accumulators + squares + kernel + tensors; }
    Scratch at(uint8_t* bytes) const {
        return {reinterpret_cast<int32_t*>(bytes), bytes + accumulators, bytes + accumulators + squares,
                bytes + accumulators + squares + kernel};
    }
};
ScratchSizes scratch_sizes(const Network& network, const Blocks& blocks);  // for any group of the network

// Columns [begin, end) of `rows` rows of a group, `row` being the first: not more than its block has, and as
// many columns as it has in a unit at least. The rows that it reads of other groups must be in the rings.
void compute_rows(const Network& network, const Rings& rings, const Blocks& blocks, size_t group, int row,
                  int rows, int begin, int end, const Scratch& scratch);

}  // namespace residua::nn
