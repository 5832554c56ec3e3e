#include "rc/grow.h"

#include <stdexcept>

namespace residua::train {

namespace {

using torch::Tensor;

// The block of `small` that the block at `index` begins as, or −1 for an added one.
int source_block(int index, int blocks, int small_blocks) {
    const int source = index * small_blocks / blocks;
    const bool first_of_its_kind = index == (source * blocks + small_blocks - 1) / small_blocks;
    return first_of_its_kind ? source : -1;
}

bool starts_with(const std::string& text, const std::string& prefix) {
    return text.compare(0, prefix.size(), prefix) == 0;
}

// The name in `small` of what the parameter begins as; empty for an added block's.
std::string source_name(const std::string& name, const RcConfig& from, const RcConfig& to) {
    const std::string blocks = "blocks.";
    if (starts_with(name, blocks)) {
        const size_t dot = name.find('.', blocks.size());
        const int index = std::stoi(name.substr(blocks.size(), dot - blocks.size()));
        const int source = source_block(index, to.blocks, from.blocks);
        return source < 0 ? "" : blocks + std::to_string(source) + name.substr(dot);
    }
    if (from.shared_tail && !to.shared_tail)
        for (const std::string tail : {"mu", "log_sigma", "weight"})
            if (starts_with(name, tail + ".block.") || starts_with(name, tail + ".conv."))
                return "tail" + name.substr(tail.size());
    return name;
}

// grown: the random start, its dimensions in the order [output][input]… or [output].
void put_in(Tensor grown, const Tensor& small, int concatenated_inputs, bool gamma) {
    const Tensor known = grown.narrow(0, 0, small.size(0));
    if (grown.dim() == 1) {
        known.copy_(small);
        return;
    }
    if (!gamma) known.zero_();
    const int64_t wide = grown.size(1) / concatenated_inputs, narrow = small.size(1) / concatenated_inputs;
    for (int i = 0; i < concatenated_inputs; ++i)
        known.narrow(1, i * wide, narrow).copy_(small.narrow(1, i * narrow, narrow));
}

}  // namespace

void grow_from(const Checkpoint& small, const RcConfig& from, RcNetwork& network) {
    const RcConfig& to = network.config();
    if (to.features < from.features || to.blocks < from.blocks || (to.shared_tail && !from.shared_tail))
        throw std::runtime_error(
            "a network grows only into one with as many channels, blocks and tails or more");
    if (to.components != from.components || to.gdn != from.gdn || to.fine != from.fine)
        throw std::runtime_error("a network grows only into one with the same K, GDN and input");
    torch::NoGradGuard no_grad;
    for (auto& [name, value] : network.parameters()) {
        const std::string source = source_name(name, from, to);
        if (source.empty()) {
            if (name.find(".conv2.") != std::string::npos) value.narrow(0, 0, from.features).zero_();
            continue;
        }
        const auto found = small.tensors.find(source);
        if (found == small.tensors.end()) throw std::runtime_error("the smaller network lacks " + source);
        const Tensor array =
            torch::from_blob(const_cast<float*>(found->second.values.data()), found->second.shape);
        // The transposed convolution's kernel is stored as [input][output].
        const bool transposed = name == "up.weight";
        put_in(transposed ? value.transpose(0, 1) : value, transposed ? array.transpose(0, 1) : array,
               name == "merge.weight" ? 2 : 1, name.find(".sqrt_gamma") != std::string::npos);
    }
}

}  // namespace residua::train
