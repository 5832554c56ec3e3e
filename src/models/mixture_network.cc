#include "models/mixture_network.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "nn/graph_io.h"

namespace residua::models {

void PartReader::refuse(const std::string& reason) const {
    throw Error(ErrorCode::kCorrupt, "the model " + name_ + " is not " + what_ + ": " + part_ + reason);
}

entropy::DistributionTables PartReader::tables(std::span<const uint8_t> bytes, int channels,
                                               bool coupled) const {
    ByteReader reader(bytes, "model file's distribution");
    entropy::DistributionTables tables = entropy::DistributionTables::parse(reader);
    require(reader.at_end(), "its distribution has bytes after its end");
    require(tables.channels == channels && tables.coupled() == coupled,
            "its distribution is not for " + std::to_string(channels) +
                (coupled ? " coupled" : " independent") + " channels");
    return tables;
}

nn::Graph PartReader::graph(std::span<const uint8_t> bytes) const {
    ByteReader reader(bytes, "model file's graph");
    nn::Graph graph = nn::parse_graph(reader);
    require(reader.at_end(), "its graph has bytes after its end");
    return graph;
}

void PartReader::check_inputs(const nn::Graph& graph, std::span<const nn::Input> wanted) const {
    const std::vector<nn::Input> inputs = graph_inputs(graph);
    require(inputs.size() == wanted.size(),
            "it has " + std::to_string(inputs.size()) + " inputs, not " + std::to_string(wanted.size()));
    for (size_t i = 0; i < wanted.size(); ++i)
        require(inputs[i].channels == wanted[i].channels && inputs[i].kind == wanted[i].kind &&
                    inputs[i].downscale == wanted[i].downscale,
                "its input " + std::to_string(i) + " does not have " + std::to_string(wanted[i].channels) +
                    " channels of the right kind and size");
}

void PartReader::order_outputs(nn::Graph& graph, std::span<const WantedOutput> wanted) const {
    const std::vector<nn::TensorType> types = nn::infer_types(graph);
    require(graph.outputs.size() == wanted.size(), "it has " + std::to_string(graph.outputs.size()) +
                                                       " outputs, not " + std::to_string(wanted.size()));
    for (size_t i = 0; i < wanted.size(); ++i) {
        const auto found =
            std::find_if(graph.outputs.begin() + static_cast<ptrdiff_t>(i), graph.outputs.end(),
                         [&](const nn::Output& output) { return output.name == wanted[i].name; });
        require(found != graph.outputs.end(), "it lacks the output " + wanted[i].name);
        std::swap(graph.outputs[i], *found);
        require(types[static_cast<size_t>(graph.outputs[i].node)] == wanted[i].type,
                "its output " + wanted[i].name + " has another kind or size");
    }
}

std::vector<PartReader::WantedOutput> mixture_output_types(const entropy::DistributionTables& tables) {
    std::vector<PartReader::WantedOutput> outputs;
    // Lambda has three coefficients where there is a coupling, which is between three channels.
    for (int i = 0; i < mixture_outputs(tables); ++i)
        outputs.push_back(
            {kMixtureOutputNames[i], {nn::ElementKind::kI16, tables.channels * tables.components, 0, 0}});
    return outputs;
}

std::vector<nn::Input> graph_inputs(const nn::Graph& graph) {
    std::vector<nn::Input> inputs;
    for (const nn::Node& node : graph.nodes)
        if (const auto* input = std::get_if<nn::Input>(&node.layer)) inputs.push_back(*input);
    return inputs;
}

std::vector<uint8_t> serialise_network(const nn::Graph& graph, const entropy::DistributionTables& tables) {
    ByteWriter graph_bytes;
    nn::serialise_graph(graph, graph_bytes);
    ByteWriter writer;
    writer.varint(graph_bytes.bytes.size());
    writer.put(graph_bytes.bytes);
    tables.serialise(writer);
    return std::move(writer.bytes);
}

}  // namespace residua::models
