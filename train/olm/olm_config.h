// Architecture of OLM's heads: what a preset chooses and a checkpoint records.
#pragma once

#include <string>
#include <vector>

#include "weights/description.h"

namespace residua::train {

struct OlmConfig {
    std::string experts = "olm";               // whose words the heads read: a set of olm/parameters.h
    std::vector<int> widths = {128, 128, 64};  // of the hidden layers, ReLU behind each
    int components = 5;                        // K
    // Of what the hidden layers hand on: 8, or 7, of which AVX2 multiplies more at a time.
    int bits = 8;
    std::vector<int> inputs;  // of each plane's head; a new run takes the records'

    // Symbols of deep pictures reach further than those of 8 bits.
    // The tensor of hidden layer i of a plane's head (weights/stored_tensors.h).
    std::string hidden(int plane, size_t i) const {
        return "plane" + std::to_string(plane) + ".layer" + std::to_string(i) +
               (bits == 7 ? ".relu7" : ".relu");
    }
    int reach() const { return experts == "olm-deep" ? 896 : 0; }

    Description description() const;
    static OlmConfig of(const Description& description);  // throws std::runtime_error
};

// Real value of one step of the head's inputs.
constexpr double kOlmInputStep = 1.0 / 16;
// The mean of a component, in units of the local scale, per unit of the network's output: all outputs have
// the same unit in the integer network, 1/32 octave.
constexpr double kOlmMeanUnit = 32 / 0.6931471805599453 / 256;

// "olm-light", "olm-fast", "olm-mid", "olm" or "olm-best", each with the experts of that name, or "olm-deep"
// with those of "olm". Throws std::invalid_argument for others.
OlmConfig olm_preset(const std::string& name);

}  // namespace residua::train
