#include "export/run_export.h"

#include <iostream>
#include <stdexcept>

#include "data/codec.h"
#include "data/shard.h"
#include "export/export_l3c.h"
#include "export/export_olm.h"
#include "export/export_q.h"
#include "export/export_rc.h"
#include "loop/checkpoint.h"
#include "patches/calibrate.h"
#include "patches/make_network.h"
#include "weights/lossy_range.h"
#include "weights/model_weights.h"

namespace residua::train {

namespace {

constexpr int kUsualQ = 9;  // suits the fine input without adaptation

// Means that are absolute, a lossy layer of 8 bits: what only the papers' networks have.
bool is_a_papers(const Description& network) {
    const std::string& codec = network.at("codec");
    return (codec == "rc" && !RcConfig::of(network).fine) ||
           (codec == "l3c" && !L3cConfig::of(network).anchored);
}

}  // namespace

void run_export(const ExportSettings& settings) {
    const std::string weights_path = settings.run + "/model.safetensors";
    const Checkpoint weights = load_safetensors(weights_path);
    const Description network_description = read_description(weights_path);
    const std::string codec = network_description.at("codec");
    StepTable steps = read_steps(weights);
    if (steps.empty() && codec == "olm")
        throw std::runtime_error("the run has not come to its quantised part yet");
    if (steps.empty()) {
        std::cerr << "the network was not trained with quantisation (--quantised): calibrating\n";
        const auto network = make_network(network_description, torch::kCPU, 1);
        load_model(weights_path, *network);
        const PatchSet set(find_shards(settings.shards.empty() ? settings.run + "/shards" : settings.shards));
        std::vector<PatchReference> patches;
        for (const PatchReference& reference : set.all())  // one folder may hold those of both codecs
            if (!reference.patch().versions.empty() || !network->needs_lossy_layer())
                patches.push_back(reference);
        if (patches.empty())
            throw std::runtime_error("there are no patches with a lossy layer to calibrate on");
        steps = calibrate(*network, patches);
    }
    std::string description =
        "name=" + (settings.name.empty() ? codec : settings.name) + "\ncodec=" + codec + "\n";
    if (codec == "rc") {
        const LossyRange trained = LossyRange::of(network_description);
        const int q = settings.default_q  ? settings.default_q
                      : trained.q_low > 0 ? (trained.q_low + trained.q_high) / 2
                                          : kUsualQ;
        const int bit_depth = settings.default_bit_depth ? settings.default_bit_depth : trained.bit_depth;
        description += "default_q=" + std::to_string(q) + "\n";
        description += "default_bit_depth=" + std::to_string(bit_depth) + "\n";
    }
    if (!settings.adaptation.value_or(!is_a_papers(network_description)))
        description += "default_adaptation=off\n";
    description += "steps=" + weights.metadata.at("steps") + "\n";
    if (!settings.trained_on.empty()) description += "trained_on=" + settings.trained_on + "\n";
    auto bytes = codec == "rc" ? export_rc(weights, RcConfig::of(network_description), steps, description)
                 : codec == "olm"
                     ? export_olm(weights, OlmConfig::of(network_description), steps, description)
                     : export_l3c(weights, L3cConfig::of(network_description), steps, description);
    if (!settings.q_classifier.empty())
        bytes = with_q_classifier(bytes, q_classifier_section(settings.q_classifier));

    write_model_file(settings.out, bytes, "every accumulator's bound is proved");
}

}  // namespace residua::train
