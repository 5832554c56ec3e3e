// OLM's models: the experts' parameters and a head for each plane.
#pragma once

#include "models/method.h"
#include "models/model_file.h"
#include "olm/parameters.h"
#include "olm/tile_coder.h"

namespace residua::models {

struct OlmModel : Model, olm::Model {
    // Throws kCorrupt, kTruncated or kUnsupported unless the experts are what olm/parameters.h allows and
    // there are three heads that read what these say, each with a distribution of one channel.
    explicit OlmModel(const ModelFile& file);
};

// The sections of a model file (ModelSections).
std::vector<uint8_t> serialise_experts(const olm::Parameters& parameters);

}  // namespace residua::models
