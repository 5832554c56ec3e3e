#include "stages/l3c/model.h"

#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "models/mixture_network.h"
#include "nn/graph_io.h"

namespace residua::models {

namespace {

constexpr int kPyramidLevels = 256;  // of pixels

L3cLatent parse_latent(std::span<const uint8_t> bytes, const PartReader& parts) {
    ByteReader reader(bytes, "model file's latent section");
    L3cLatent latent;
    const uint8_t kind = reader.u8();
    if (kind > static_cast<uint8_t>(LatentKind::kRgbPyramid))
        throw Error(ErrorCode::kUnsupported, "the model's z is of kind " + std::to_string(kind) +
                                                 ", which needs a later version of Residua");
    latent.kind = static_cast<LatentKind>(kind);
    latent.scales = reader.u8();
    latent.channels = reader.u8();
    latent.levels = static_cast<int>(reader.varint_in(2, kMaxLevels, "number of levels"));
    const uint8_t anchor = reader.u8();
    if (anchor > 1)
        throw Error(ErrorCode::kUnsupported,
                    "the model's means are relative to something that needs a later "
                    "version of Residua");
    latent.anchored = anchor == 1;
    if (latent.anchored && latent.kind == LatentKind::kLearned)
        for (int& step : latent.anchor_steps)
            step = static_cast<int>(reader.varint_in(1, kMaxAnchorStep, "step of an anchor"));
    parts.require(reader.at_end(), "its latent section has bytes after its end");
    parts.require(latent.scales >= 1 && latent.scales <= kMaxScales,
                  "it has " + std::to_string(latent.scales) + " scales");
    parts.require(latent.channels >= 1 && latent.channels <= kMaxLatentChannels,
                  "its z have " + std::to_string(latent.channels) + " channels");
    parts.require(latent.kind == LatentKind::kLearned ||
                      (latent.channels == kPictureChannels && latent.levels == kPyramidLevels),
                  "its pyramid is not one of 8-bit RGB pictures");
    return latent;
}

// The padded picture is a multiple of 2^S; the planes that
// a graph predicts or reads must be one of its align.
void check_align(const nn::Graph& graph, int log2, const PartReader& parts) {
    parts.require(graph.align <= 1 << log2,
                  "its align " + std::to_string(graph.align) + " is above " + std::to_string(1 << log2));
}

// D^(s). A network has features if and only if the next finer one reads them, so that none are made in vain.
L3cScale parse_scale(std::span<const uint8_t> bytes, const L3cLatent& latent, int s,
                     const PartReader& parts) {
    ByteReader reader(bytes, "model file's scale");
    nn::Graph graph = parts.graph(reader.take(reader.varint()));
    const bool to_picture = s == 1;
    const bool coupled = to_picture || latent.kind == LatentKind::kRgbPyramid;
    L3cScale scale;
    scale.tables = std::make_shared<const entropy::DistributionTables>(parts.tables(
        reader.take(reader.remaining()), to_picture ? kPictureChannels : latent.channels, coupled));

    std::vector<nn::Input> inputs = {{latent.channels, nn::ElementKind::kQ8, 1}};
    const std::vector<nn::Input> given = graph_inputs(graph);
    if (given.size() > 1) {
        scale.feature_inputs = given[1].channels;
        inputs.push_back({given[1].channels, nn::ElementKind::kQ8, 1});
    }
    parts.check_inputs(graph, inputs);

    auto outputs = mixture_output_types(*scale.tables);
    const std::vector<nn::TensorType> types = nn::infer_types(graph);
    for (const nn::Output& output : graph.outputs) {
        if (output.name != kFeaturesName) continue;
        scale.feature_outputs = types[static_cast<size_t>(output.node)].channels;
        outputs.push_back({kFeaturesName, {nn::ElementKind::kQ8, scale.feature_outputs, 0, 0}});
    }
    parts.order_outputs(graph, outputs);
    check_align(graph, latent.scales - s + 1, parts);
    scale.network = std::make_shared<const nn::Network>(std::move(graph));
    return scale;
}

std::vector<L3cScale> parse_scales(const ModelFile& file, const L3cLatent& latent, const PartReader& parts) {
    parts.require(file.scales.size() == static_cast<size_t>(latent.scales),
                  "it has " + std::to_string(file.scales.size()) + " networks for " +
                      std::to_string(latent.scales) + " scales");
    std::vector<L3cScale> scales;
    for (size_t i = 0; i < file.scales.size(); ++i) {
        const int s = latent.scales - static_cast<int>(i);
        if (!file.scales[i].empty()) {
            scales.push_back(parse_scale(file.scales[i], latent, s, parts.of("scale " + std::to_string(s))));
        } else {
            parts.require(i > 0, "its first scale has no network");
            // The scales differ in what they predict unless z is a picture, too.
            parts.require(s > 1 || latent.kind == LatentKind::kRgbPyramid,
                          "its last scale repeats a network that does not predict pictures");
            scales.push_back(scales.back());
        }
        const int given = i > 0 ? scales[i - 1].feature_outputs : 0;
        parts.require(scales[i].feature_inputs == given,
                      "its network of scale " + std::to_string(s) + " reads " +
                          std::to_string(scales[i].feature_inputs) + " channels of features, and is given " +
                          std::to_string(given));
    }
    parts.require(scales.back().feature_outputs == 0, "its last network has features that nothing reads");
    return scales;
}

std::shared_ptr<const nn::Network> parse_encoder(const ModelFile& file, const L3cLatent& latent,
                                                 const PartReader& parts) {
    if (latent.kind == LatentKind::kRgbPyramid) {
        parts.require(file.encoder.empty(), "a pyramid has none");
        return nullptr;
    }
    if (file.encoder.empty()) {
        parts.require(latent.anchored && latent.channels == kAnchoredChannels,
                      "it is missing, and z is not one that averages make");
        return nullptr;
    }
    nn::Graph graph = parts.graph(file.encoder);
    const nn::Input picture{kPictureChannels, nn::ElementKind::kQ8, 0};
    parts.check_inputs(graph, {&picture, 1});
    std::vector<PartReader::WantedOutput> outputs;
    for (int s = 1; s <= latent.scales; ++s)
        outputs.push_back(
            {std::string("z").append(std::to_string(s)), {nn::ElementKind::kI16, latent.channels, -s, 0}});
    parts.order_outputs(graph, outputs);
    check_align(graph, latent.scales, parts);
    return std::make_shared<const nn::Network>(std::move(graph));
}

}  // namespace

L3cModel::L3cModel(const ModelFile& file) {
    const PartReader parts(file.name(), "an L3C model");
    adapts = adapts_by_default(file);
    static_cast<L3cLatent&>(*this) = parse_latent(file.latent, parts);
    scale = parse_scales(file, *this, parts);
    encoder = parse_encoder(file, *this, parts.of("encoder"));
}

std::vector<uint8_t> serialise_latent(const L3cLatent& latent) {
    ByteWriter writer;
    writer.u8(static_cast<uint8_t>(latent.kind));
    writer.u8(static_cast<uint8_t>(latent.scales));
    writer.u8(static_cast<uint8_t>(latent.channels));
    writer.varint(static_cast<uint64_t>(latent.levels));
    writer.u8(latent.anchored ? 1 : 0);
    if (latent.anchored && latent.kind == LatentKind::kLearned)
        for (const int step : latent.anchor_steps) writer.varint(static_cast<uint64_t>(step));
    return std::move(writer.bytes);
}

}  // namespace residua::models
