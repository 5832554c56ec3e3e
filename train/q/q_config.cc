#include "q/q_config.h"

#include <stdexcept>

namespace residua::train {

Description QConfig::description() const {
    return {{"codec", kQClassifierCodec},
            {"width_2", std::to_string(widths[0])},
            {"width_4", std::to_string(widths[1])},
            {"width_8", std::to_string(widths[2])},
            {"blocks", std::to_string(blocks)},
            {"first_q", std::to_string(range.first)},
            {"classes", std::to_string(range.classes)}};
}

QConfig QConfig::of(const Description& description) {
    if (!description.count("codec") || description.at("codec") != kQClassifierCodec)
        throw std::runtime_error("not a run of residua-train q-classifier");
    QConfig config;
    config.widths = {number_of(description, "width_2"), number_of(description, "width_4"),
                     number_of(description, "width_8")};
    config.blocks = number_of(description, "blocks");
    config.range = {number_of(description, "first_q"), number_of(description, "classes")};
    return config;
}

QConfig q_preset(const std::string& name) {
    if (name == "q-paper") return {};
    if (name == "q-small") return {.widths = {16, 32, 48}, .blocks = 2};
    throw std::invalid_argument("unknown preset '" + name + "'; there are: q-paper, q-small");
}

}  // namespace residua::train
