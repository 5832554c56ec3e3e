#include "stages/rc/q_classifier.h"

#include "base/bytes.h"
#include "base/error.h"
#include "lossy/bpg.h"
#include "models/mixture_network.h"
#include "nn/graph_io.h"

namespace residua::models {

namespace {

constexpr const char* kFeatures = "features";

PartReader parts(const ModelFile& file) { return PartReader(file.name(), "an RC model").of("Q-classifier"); }

// The graph of the section; `scores` gets the rest.
nn::Graph parse_section(const ModelFile& file, QScores& scores) {
    const PartReader part = parts(file);
    ByteReader reader(file.q_classifier, "model file's Q-classifier");
    scores.first_q = reader.u8();
    const int classes = reader.u8();
    part.require(classes >= 2 && classes <= kMaxQClasses,
                 "it has " + std::to_string(classes) + " classes, not 2 to " + std::to_string(kMaxQClasses));
    part.require(scores.first_q >= 1 && scores.first_q + classes - 1 <= lossy::kMaxQ,
                 "its Q are not all in 1 to " + std::to_string(lossy::kMaxQ));
    nn::Graph graph = part.graph(reader.take(reader.varint()));

    const nn::Input picture{3, nn::ElementKind::kQ8, 0};
    part.check_inputs(graph, {&picture, 1});
    part.require(graph.outputs.size() == 1 && graph.outputs[0].name == kFeatures,
                 "its outputs are not exactly 'features'");
    const nn::TensorType type = nn::infer_types(graph)[static_cast<size_t>(graph.outputs[0].node)];
    part.require(type.kind == nn::ElementKind::kI16 && type.scale_log2 < 0 && type.offset == 0,
                 "its features are not 16-bit numbers at 1/2, 1/4, … of the picture's size");

    const auto features = static_cast<size_t>(type.channels), count = static_cast<size_t>(classes);
    for (size_t i = 0; i < count * features; ++i)
        scores.weights.push_back(static_cast<int16_t>(reader.u16()));
    for (size_t i = 0; i < count; ++i) scores.bias.push_back(static_cast<int32_t>(reader.u32()));
    part.require(reader.at_end(), "it has bytes after its end");
    return graph;
}

}  // namespace

int QScores::best_q(std::span<const int64_t> sums, int64_t positions) const {
    int best = 0;
    int64_t highest = INT64_MIN;
    for (int k = 0; k < classes(); ++k) {
        int64_t score = bias[static_cast<size_t>(k)] * positions;
        const int16_t* row = weights.data() + static_cast<size_t>(k) * sums.size();
        for (size_t i = 0; i < sums.size(); ++i) score += row[i] * sums[i];
        if (score <= highest) continue;
        highest = score;
        best = k;
    }
    return first_q + best;
}

QClassifier::QClassifier(const ModelFile& file) : network(parse_section(file, scores)) {}

std::vector<uint8_t> serialise_q_classifier(const QScores& scores, const nn::Graph& graph) {
    ByteWriter graph_bytes;
    nn::serialise_graph(graph, graph_bytes);
    ByteWriter writer;
    writer.u8(static_cast<uint8_t>(scores.first_q));
    writer.u8(static_cast<uint8_t>(scores.classes()));
    writer.varint(graph_bytes.bytes.size());
    writer.put(graph_bytes.bytes);
    for (const int16_t weight : scores.weights) writer.u16(static_cast<uint16_t>(weight));
    for (const int32_t bias : scores.bias) writer.u32(static_cast<uint32_t>(bias));
    return std::move(writer.bytes);
}

}  // namespace residua::models
