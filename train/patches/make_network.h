// The networks that are trained on patches of photographs, by their names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "network/learning.h"
#include "network/network.h"

namespace residua::train {

// A fresh start for what the description says. Throws std::runtime_error for one that no network has.
std::unique_ptr<Network> make_network(const Description& description, torch::Device device, uint64_t seed,
                                      const Learning& learning = {});

// "rc", "rc-paper", "rc-small"; "l3c", "l3c-rgb", "l3c-rgb-shared". Throws std::invalid_argument for others,
// and for those of another codec.
Description preset(const std::string& codec, const std::string& name);

}  // namespace residua::train
