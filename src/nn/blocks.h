// How an executor cuts the rows of each group of layers into the blocks that a thread takes at once through
// all layers of the group, and which convolutions take the way of minimal filtering there (kernels.h:
// WinogradArgs).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "nn/network.h"
#include "nn/schedule.h"

namespace residua::nn {

struct Block {
    int rows = 1, columns = 1;  // of the group, at most
    int column_unit = 1;        // columns come in multiples of it
    size_t local_bytes = 0;     // of the group's local tensors
};

struct BlockNode {
    size_t local_offset = 0;     // in bytes, from the first local tensor of the group
    int tile_rows = 0;           // of minimal filtering; 0: none
    uint8_t* weights = nullptr;  // for it, once they are packed
};

struct Blocks {
    std::vector<Block> groups;
    std::vector<BlockNode> nodes;
};

Blocks plan_blocks(const Network& network, const Schedule& schedule);

// Bytes of the weights that minimal filtering takes, and where they go: an address that is a multiple of 64.
size_t winograd_weight_bytes(const Network& network, const Blocks& blocks);
void pack_winograd_weights(const Network& network, uint8_t* to, ThreadPool& pool, Blocks& blocks);

}  // namespace residua::nn
