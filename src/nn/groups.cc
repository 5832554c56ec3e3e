#include "nn/groups.h"

#include <algorithm>

namespace residua::nn {

namespace {

// Bounds the memory for local tensors of whatever graph.
constexpr int kMaxGroupNodes = 32;

// Each pixel of the result needs one pixel of every input.
bool is_pointwise(const Layer& layer) {
    if (const auto* conv = std::get_if<Convolution>(&layer))
        return conv->kernel == 1 && conv->stride == 1 && conv->padding == 0;
    return !std::holds_alternative<TransposedConvolution>(layer) && !std::holds_alternative<Input>(layer);
}

bool same_size(const TensorType& a, const TensorType& b) {
    return a.scale_log2 == b.scale_log2 && a.offset == b.offset;
}

bool double_size(const TensorType& large, const TensorType& small) {
    return large.scale_log2 == small.scale_log2 + 1 && large.offset == 2 * small.offset;
}

struct Grouping {
    const Graph& graph;
    const std::vector<TensorType>& types;
    Groups result;

    const TensorType& type(int node) const { return types[static_cast<size_t>(node)]; }
    const Node& node(int id) const { return graph.nodes[static_cast<size_t>(id)]; }

    // Of the rows and columns in which the node is computed, see Group::reference.
    int reference(int id) const { return doubles_size(node(id).layer) ? node(id).inputs[0] : id; }

    bool joins(int id, const Group& group) const {
        const Node& what = node(id);
        if (std::holds_alternative<Input>(what.layer) ||
            std::holds_alternative<Input>(node(group.first).layer) ||
            group.end - group.first == kMaxGroupNodes)
            return false;
        const TensorType& rows = type(group.reference);
        if (!same_size(type(reference(id)), rows) && !(reference(id) == id && double_size(type(id), rows)))
            return false;
        return is_pointwise(what.layer) || std::all_of(what.inputs.begin(), what.inputs.end(),
                                                       [&](int input) { return input < group.first; });
    }

    void add(int id) {
        std::vector<Group>& groups = result.groups;
        if (groups.empty() || !joins(id, groups.back()))
            groups.push_back({.first = id, .end = id, .reference = reference(id)});
        groups.back().end = id + 1;
        const int scale_log2 = double_size(type(id), type(groups.back().reference)) ? 1 : 0;
        result.members.push_back({.group = static_cast<int>(groups.size()) - 1,
                                  .scale_log2 = scale_log2,
                                  .local = !std::holds_alternative<Input>(node(id).layer)});
        for (int input : node(id).inputs)
            if (input < groups.back().first) result.members[static_cast<size_t>(input)].local = false;
    }

    GroupMember& member(int id) { return result.members[static_cast<size_t>(id)]; }
};

}  // namespace

bool doubles_size(const Layer& layer) {
    return std::holds_alternative<TransposedConvolution>(layer) ||
           std::holds_alternative<PixelShuffle>(layer);
}

Groups group_layers(const Graph& graph, const std::vector<TensorType>& types) {
    Grouping grouping{graph, types, {}};
    for (int id = 0; id < static_cast<int>(graph.nodes.size()); ++id) grouping.add(id);
    for (const Output& output : graph.outputs) grouping.member(output.node).local = false;
    return grouping.result;
}

}  // namespace residua::nn
