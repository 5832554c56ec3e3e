#include "export/export_olm.h"

#include "base/bytes.h"
#include "entropy/make_tables.h"
#include "export/quantise.h"
#include "models/mixture_network.h"
#include "models/model_file.h"
#include "stages/olm/model.h"

namespace residua::train {

namespace {

nn::Graph head_graph(const Checkpoint& weights, const OlmConfig& config, const StepTable& steps,
                     size_t plane) {
    nn::Graph graph;
    GraphBuilder builder(weights, graph);
    const int inputs = config.inputs[plane];
    QuantisedTensor x;
    x.node = graph.add(nn::Input{inputs, nn::ElementKind::kQ8, 0});
    x.step.assign(static_cast<size_t>(inputs), static_cast<float>(kOlmInputStep));
    const std::string prefix = "plane" + std::to_string(plane);
    for (size_t i = 0; i < config.widths.size(); ++i) {
        const std::string name = prefix + ".layer" + std::to_string(i);
        x = builder.conv(
            name, x, 1, 0,
            stored_destination(steps, config.hidden(static_cast<int>(plane), i), nn::Activation::kRelu));
    }
    graph.outputs.push_back(builder.output("mixture", prefix + ".out", x, kOctaveUnit));
    return graph;
}

}  // namespace

std::vector<uint8_t> export_olm(const Checkpoint& weights, const OlmConfig& config, const StepTable& steps,
                                const std::string& description) {
    std::vector<std::vector<uint8_t>> heads;
    const auto tables = entropy::make_tables(entropy::LambdaActivation::kNone, config.components, 1);
    for (size_t plane = 0; plane < config.inputs.size(); ++plane)
        heads.push_back(models::serialise_network(head_graph(weights, config, steps, plane), tables));
    const std::vector<uint8_t> experts = models::serialise_experts(olm::named_parameters(config.experts));
    models::ModelSections sections;
    sections.description = description;
    sections.experts = experts;
    for (const auto& head : heads) sections.heads.push_back(head);
    return models::write_model_file(sections);
}

}  // namespace residua::train
