// How the integer network stores each tensor that RcNetwork, L3cNetwork and QNetwork name: one table for
// training and export.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace residua::train {

struct StoredTensor {
    int low, high;      // integers it may hold
    bool even = false;  // one step for all channels, as sums need it
    bool is_byte() const { return high <= 255; }
};

inline bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Tensors that are added up have one step. The sum that a tensor takes part in, or shows the size of ("" for
// none). RC: the trunk, and each tail's block. L3C: the trunk of each E^(s) and D^(s), Q-classifier: its two
// trunks, named by their first part.
inline std::string sum_of(const std::string& name) {
    if (name == "down" || name == "trunk" || name == "trunk.input" || name == "up.input") return "trunk";
    if (ends_with(name, ".block.conv2")) return name.substr(0, name.size() - std::string(".conv2").size());
    if (ends_with(name, ".block")) return name;
    for (const char* end : {".start", ".branch", ".sum", ".in"})
        if (ends_with(name, end)) return name.substr(0, name.find('.'));
    return "";
}

inline StoredTensor stored_tensor(const std::string& name) {
    for (const char* end : {".start", ".branch", ".sum"})
        if (ends_with(name, end)) return {-32768, 32767, true};
    if (ends_with(name, ".relu")) return {0, 255};
    if (ends_with(name, ".relu7")) return {0, 127};
    if (ends_with(name, ".features")) return {-127, 127, true};
    if (name == "down" || name == "trunk" || ends_with(name, ".block.conv2")) return {-32768, 32767, true};
    if (name == "merge") return {0, 255, true};
    if (ends_with(name, ".gdn1") || ends_with(name, ".block.conv1")) return {0, 255};
    if (ends_with(name, ".gdn2")) return {-127, 127, true};
    return {-127, 127};
}

// The real value of one, per channel, for each stored tensor.
using StepTable = std::map<std::string, std::vector<float>>;

}  // namespace residua::train
