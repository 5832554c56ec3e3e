#include "patches/make_network.h"

#include <stdexcept>

#include "l3c/l3c_network.h"
#include "rc/rc_network.h"

namespace residua::train {

std::unique_ptr<Network> make_network(const Description& description, torch::Device device, uint64_t seed,
                                      const Learning& learning) {
    const auto codec = description.find("codec");
    if (codec != description.end() && codec->second == "rc")
        return std::make_unique<RcNetwork>(RcConfig::of(description), device, seed);
    if (codec != description.end() && codec->second == "l3c")
        return std::make_unique<L3cNetwork>(L3cConfig::of(description), device, seed, learning);
    throw std::runtime_error("not a checkpoint of a codec that this trainer knows");
}

Description preset(const std::string& codec, const std::string& name) {
    if (codec == "rc") return rc_preset(name).description();
    if (codec == "l3c") return l3c_preset(name).description();
    throw std::invalid_argument("unknown codec '" + codec + "'");
}

}  // namespace residua::train
