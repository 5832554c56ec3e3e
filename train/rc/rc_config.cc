#include "rc/rc_config.h"

#include <stdexcept>

namespace residua::train {

Description RcConfig::description() const {
    return {{"codec", "rc"},
            {"features", std::to_string(features)},
            {"blocks", std::to_string(blocks)},
            {"components", std::to_string(components)},
            {"shared_tail", shared_tail ? "1" : "0"},
            {"gdn", gdn ? "1" : "0"},
            {"fine", fine ? "1" : "0"}};
}

RcConfig RcConfig::of(const Description& description) {
    RcConfig config;
    config.features = number_of(description, "features");
    config.blocks = number_of(description, "blocks");
    config.components = number_of(description, "components");
    config.shared_tail = number_of(description, "shared_tail") != 0;
    config.gdn = !description.count("gdn") || number_of(description, "gdn") != 0;  // older ones have it
    config.fine = number_of(description, "fine") != 0;
    return config;
}

RcConfig rc_preset(const std::string& name) {
    if (name == "rc") return {};
    if (name == "rc-paper") return {.fine = false};
    if (name == "rc-small") return {.features = 64, .blocks = 8, .components = 5, .shared_tail = true};
    if (name == "rc-small-no-gdn") {
        RcConfig config = rc_preset("rc-small");
        config.gdn = false;
        return config;
    }
    throw std::invalid_argument("unknown preset '" + name +
                                "'; there are: rc, rc-paper, rc-small, rc-small-no-gdn");
}

}  // namespace residua::train
