// Which layers are computed together. A thread takes some columns of a row through all layers of a group
// before it goes on: what one layer writes is still in the nearest cache when the next one reads it, and what
// no other group reads never gets a row in memory.
#pragma once

#include <cstddef>
#include <vector>

#include "nn/graph.h"
#include "nn/shapes.h"

namespace residua::nn {

// Neighbouring nodes [first, end). A node reads others of its group only at the very pixel that it computes,
// or above it where it doubles the size; from outside it may read what it wants.
struct Group {
    int first, end;
    // The node whose rows and columns are the group's:
    // `first`, or what that one reads if it doubles the size.
    int reference;
};

// A node's place in its group.
struct GroupMember {
    int group;
    int scale_log2;  // a row and column of the group are 2^scale_log2 of the node's
    bool local;      // no output, and nobody outside the group reads it
};

struct Groups {
    std::vector<Group> groups;
    std::vector<GroupMember> members;  // [node]
};

Groups group_layers(const Graph& graph, const std::vector<TensorType>& types);

// Whether it is a transposed convolution or a pixel shuffle: computed in the columns of what it reads.
bool doubles_size(const Layer& layer);

}  // namespace residua::nn
