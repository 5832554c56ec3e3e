// What a checkpoint's metadata say of a network: "codec" and its sizes, key by key.
#pragma once

#include <map>
#include <stdexcept>
#include <string>

namespace residua::train {

using Description = std::map<std::string, std::string>;

// A whole number of a description. Throws std::runtime_error when it is not there.
inline int number_of(const Description& description, const std::string& key) {
    const auto found = description.find(key);
    if (found == description.end()) throw std::runtime_error("not a Residua checkpoint (no '" + key + "')");
    return std::stoi(found->second);
}

}  // namespace residua::train
