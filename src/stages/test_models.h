// L3C models of random weights, and Q-classifiers, for tests and
// benchmarks. Not part of the library. Link nn/test_graphs.cc, too.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "entropy/tables.h"
#include "nn/graph.h"
#include "nn/test_graphs.h"
#include "olm/parameters.h"
#include "stages/l3c/model.h"
#include "stages/rc/q_classifier.h"

namespace residua::models {

enum class L3cVariant { kLearned, kRgb, kRgbShared };  // the paper's model and its two baselines

struct TestL3c {
    L3cVariant variant = L3cVariant::kLearned;
    nn::L3cShape shape = {.channels = 8, .blocks = 1, .components = 3, .z_channels = 2};
    int scales = 3;
    int levels = 7;  // of the learned z
    bool anchored = true;
    bool encoder = true;  // false: z are averages; the shape has 3 channels then
    unsigned seed = 1;
    std::string name = "l3c-test";

    // The paper's sizes: C_f 64, 8 blocks, K 10, and 5 channels of 25 levels.
    static TestL3c full_size(L3cVariant variant = L3cVariant::kLearned) {
        return {.variant = variant, .shape = {}, .levels = 25};
    }
};

// A model in parts, for tests that change one of them.
struct L3cParts {
    struct Scale {
        nn::Graph graph;
        entropy::DistributionTables tables;
    };
    L3cLatent latent;
    std::vector<std::optional<Scale>> scales;  // coarse to fine; none: as the one before
    std::optional<nn::Graph> encoder;
};

// Weights that keep values spread in every layer; outputs as a trained model has them: means all over the
// alphabet, sigma about 2^1.5 (z) or 2^3 (pixels), weights within some octaves, any coupling.
L3cParts make_l3c_parts(const TestL3c& options);

// Sections for stages/rc/q_classifier.h. Of random weights,
// so that every picture is somewhere among the classes:
std::vector<uint8_t> make_random_q_classifier(int first_q, int classes, unsigned seed = 1);
// Of three classes: bright pictures get first_q, dark ones first_q + 2, those between first_q + 1.
std::vector<uint8_t> make_brightness_q_classifier(int first_q);
// The same RC model with that section.
std::vector<uint8_t> with_q_classifier(std::span<const uint8_t> model, std::span<const uint8_t> section);

// The bytes of a .rsm file.
std::vector<uint8_t> write_l3c_model(const L3cParts& parts, const std::string& name);
std::vector<uint8_t> make_l3c_model(const TestL3c& options = {});

// An OLM model of random heads. hidden: what their hidden layer hands on, kU8 or kQ8.
std::vector<uint8_t> make_olm_model(const std::string& name = "experts",
                                    const olm::Parameters& parameters = olm::default_parameters(),
                                    nn::ElementKind hidden = nn::ElementKind::kU8);

}  // namespace residua::models
