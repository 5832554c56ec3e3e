#include "l3c/l3c_config.h"

#include <stdexcept>

#include "weights/stored_tensors.h"

namespace residua::train {

Description L3cConfig::description() const {
    return {{"codec", "l3c"},
            {"scales", std::to_string(scales)},
            {"features", std::to_string(features)},
            {"blocks", std::to_string(blocks)},
            {"components", std::to_string(components)},
            {"channels", std::to_string(channels)},
            {"levels", std::to_string(levels)},
            {"anchored", anchored ? "1" : "0"},
            {"averages", averages ? "1" : "0"},
            {"luma_step", std::to_string(luma_step)},
            {"chroma_step", std::to_string(chroma_step)},
            {"pyramid", pyramid ? "1" : "0"},
            {"shared", shared ? "1" : "0"}};
}

bool L3cConfig::has_fine_weights(const std::string& layer) const {
    return !anchored && (layer[0] == 'e' || ends_with(layer, ".mu"));
}

L3cConfig L3cConfig::of(const Description& description) {
    L3cConfig config;
    config.scales = number_of(description, "scales");
    config.features = number_of(description, "features");
    config.blocks = number_of(description, "blocks");
    config.components = number_of(description, "components");
    config.channels = number_of(description, "channels");
    config.levels = number_of(description, "levels");
    config.anchored = number_of(description, "anchored") != 0;
    config.averages = number_of(description, "averages") != 0;
    config.luma_step = number_of(description, "luma_step");
    config.chroma_step = number_of(description, "chroma_step");
    config.pyramid = number_of(description, "pyramid") != 0;
    config.shared = number_of(description, "shared") != 0;
    return config;
}

L3cConfig l3c_preset(const std::string& name) {
    if (name == "l3c") return {.averages = true};
    if (name == "l3c-learned") return {};
    if (name == "l3c-paper") return {.scales = 3, .channels = 5, .levels = 25, .anchored = false};
    if (name == "l3c-rgb") return {.scales = 3, .levels = 256, .pyramid = true, .anchored = false};
    if (name == "l3c-rgb-shared")
        return {.scales = 3, .levels = 256, .pyramid = true, .anchored = false, .shared = true};
    throw std::invalid_argument("unknown preset '" + name +
                                "'; there are: l3c, l3c-learned, l3c-paper, l3c-rgb, l3c-rgb-shared");
}

}  // namespace residua::train
