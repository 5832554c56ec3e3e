// Small networks of L3C for tests, with everything that the presets have.
#pragma once

#include "l3c/l3c_config.h"

namespace residua::train {

inline L3cConfig tiny(bool anchored = true, int levels = 65) {
    return {.scales = 2,
            .features = 16,
            .blocks = 1,
            .components = 2,
            .channels = 5,
            .levels = levels,
            .anchored = anchored,
            .luma_step = 4,
            .chroma_step = 3};
}

inline L3cConfig tiny_pyramid() {
    L3cConfig config = tiny(false, 256);
    config.channels = 3;
    config.pyramid = true;
    return config;
}

}  // namespace residua::train
