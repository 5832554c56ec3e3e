#include "rc_config.h"

#include <stdexcept>

namespace residua::train {

RcConfig rc_preset(const std::string& name) {
    if (name == "rc") return {};
    if (name == "rc-paper") return {.fine = false};
    if (name == "rc-small") return {.features = 64, .blocks = 8, .components = 5, .shared_tail = true};
    throw std::invalid_argument("unknown preset '" + name + "'; there are: rc, rc-paper, rc-small");
}

}  // namespace residua::train
