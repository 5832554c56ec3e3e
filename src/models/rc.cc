#include "models/rc.h"

#include <algorithm>

#include "base/bytes.h"
#include "nn/graph_io.h"
#include "nn/shapes.h"

namespace residua::models {

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& reason) {
    throw Error(ErrorCode::kCorrupt, "the model " + name + " is not an RC model: " + reason);
}

entropy::DistributionTables parse_rc_tables(const ModelFile& file) {
    ByteReader reader(file.distribution, "model file's distribution");
    entropy::DistributionTables tables = entropy::DistributionTables::parse(reader);
    if (!reader.at_end()) refuse(file.name(), "its distribution has bytes after its end");
    if (tables.channels != kRcChannels || !tables.coupled())
        refuse(file.name(), "its distribution is not for RGB");
    return tables;
}

// Puts the outputs into RcOutput's order and checks them.
void check_graph(nn::Graph& graph, int mixtures, int channels, const std::string& name) {
    const std::vector<nn::TensorType> types = nn::infer_types(graph);
    int inputs = 0;
    for (const nn::Node& node : graph.nodes) {
        const auto* input = std::get_if<nn::Input>(&node.layer);
        if (!input) continue;
        ++inputs;
        if (input->channels != channels || input->kind != nn::ElementKind::kQ8 || input->downscale != 0)
            refuse(name, "its input is not a picture of " + std::to_string(channels) + " channels");
    }
    if (inputs != 1) refuse(name, "it does not have one input");
    if (graph.outputs.size() != kRcOutputs) refuse(name, "it does not have four outputs");
    for (size_t i = 0; i < kRcOutputs; ++i) {
        const auto found =
            std::find_if(graph.outputs.begin() + static_cast<ptrdiff_t>(i), graph.outputs.end(),
                         [&](const nn::Output& output) { return output.name == kRcOutputNames[i]; });
        if (found == graph.outputs.end())
            refuse(name, std::string("it lacks the output ") + kRcOutputNames[i]);
        std::swap(graph.outputs[i], *found);
        const nn::TensorType wanted = {nn::ElementKind::kI16, kRcChannels * mixtures, 0, 0};
        if (types[static_cast<size_t>(graph.outputs[i].node)] != wanted)
            refuse(name, std::string("its output ") + kRcOutputNames[i] + " has another kind or size");
    }
}

Conditioning parse_conditioning(const ModelFile& file) {
    if (file.conditioning > static_cast<uint8_t>(Conditioning::kFine))
        throw Error(ErrorCode::kUnsupported,
                    "the model " + file.name() +
                        " sees the lossy layer in a way that needs a later version of Residua");
    return static_cast<Conditioning>(file.conditioning);
}

nn::Graph parse_rc_graph(const ModelFile& file, int mixtures, Conditioning conditioning) {
    ByteReader reader(file.graph, "model file's graph");
    nn::Graph graph = nn::parse_graph(reader);
    if (!reader.at_end()) refuse(file.name(), "its graph has bytes after its end");
    check_graph(graph, mixtures, input_channels(conditioning), file.name());
    return graph;
}

}  // namespace

RcModel::RcModel(const ModelFile& file)
    : conditioning(parse_conditioning(file)),
      tables(parse_rc_tables(file)),
      network(parse_rc_graph(file, tables.components, conditioning)) {}

}  // namespace residua::models
