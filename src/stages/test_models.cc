#include "stages/test_models.h"

#include <cmath>

#include "base/bytes.h"
#include "entropy/make_tables.h"
#include "models/mixture_network.h"
#include "nn/graph_io.h"
#include "olm/test_tiles.h"
#include "stages/olm/model.h"

namespace residua::models {

namespace {

// The outputs, as multiples of their units: spread about `centre` with that standard deviation, roughly.
struct Range {
    const char* name;
    double deviation;
    double centre;
};

// Requantises an output's convolution to that range.
void set_range(nn::Graph& graph, const Range& range, nn::Random& random) {
    for (const nn::Output& output : graph.outputs) {
        if (output.name != range.name) continue;
        auto& layer = std::get<nn::Convolution>(graph.nodes[static_cast<size_t>(output.node)].layer);
        const size_t terms = layer.weights.size() / layer.bias.size();
        // Of products of uniform weights and bytes.
        const double accumulator = 73.0 * 74.0 * std::sqrt(static_cast<double>(terms));
        layer.out = nn::random_requantisation(random, layer.out_channels, nn::ElementKind::kI16,
                                              nn::Activation::kNone, range.deviation / accumulator);
        for (size_t c = 0; c < layer.bias.size(); ++c)
            layer.bias[c] = static_cast<int32_t>(
                range.centre / std::ldexp(layer.out.multiplier[c], -static_cast<int>(layer.out.shift[c])));
    }
}

// For a predictor of pixels that a finer one follows.
void add_features(nn::Graph& graph) {
    for (size_t i = 0; i < graph.nodes.size(); ++i)
        if (std::holds_alternative<nn::PixelShuffle>(graph.nodes[i].layer))
            graph.outputs.push_back({kFeaturesName, static_cast<int>(i)});
}

// D^(s). pixels: it predicts a picture (or a halved one).
L3cParts::Scale make_scale(const TestL3c& options, const L3cLatent& latent, bool pixels, bool reads_features,
                           bool leaves_features, unsigned seed) {
    nn::L3cShape shape = options.shape;
    shape.z_channels = latent.channels;
    nn::Graph graph = nn::l3c_predictor_graph(shape, pixels, reads_features, seed);
    if (pixels && leaves_features) add_features(graph);
    nn::Random random(seed);
    const double spread = 64.0 * (pixels ? 64 : latent.levels / 4.0);
    const Range ranges[] = {{kMixtureOutputNames[kMu], spread, 0},
                            {kMixtureOutputNames[kLogSigma], 24, pixels ? 96.0 : 48.0},
                            {kMixtureOutputNames[kWeight], 64, 0},
                            {kMixtureOutputNames[kLambda], 400, -200}};
    for (const Range& range : ranges) set_range(graph, range, random);
    const auto activation = pixels ? entropy::LambdaActivation::kSigmoid : entropy::LambdaActivation::kNone;
    const int channels = pixels ? kPictureChannels : latent.channels;
    return {std::move(graph), entropy::make_tables(activation, shape.components, channels)};
}

nn::Graph make_encoder(const TestL3c& options, const L3cLatent& latent) {
    nn::Graph graph = nn::l3c_encoder_graph(options.shape, latent.scales, options.seed);
    nn::Random random(options.seed);
    for (const nn::Output& output : std::vector(graph.outputs))
        set_range(graph, {output.name.c_str(), (1 << kEncoderUnitLog2) * latent.levels / 4.0, 0}, random);
    return graph;
}

}  // namespace

L3cParts make_l3c_parts(const TestL3c& options) {
    const bool learned = options.variant == L3cVariant::kLearned;
    const bool shared = options.variant == L3cVariant::kRgbShared;
    L3cParts parts;
    parts.latent = {learned ? LatentKind::kLearned : LatentKind::kRgbPyramid, options.scales,
                    learned ? options.shape.z_channels : kPictureChannels, learned ? options.levels : 256,
                    options.anchored};
    const int range = parts.latent.levels - 1;  // over 0 … 255
    parts.latent.anchor_steps = {64 * 255 / range, 64 * 200 / range, 64 * 300 / range};
    for (int s = options.scales; s >= 1; --s) {
        if (shared && s < options.scales)
            parts.scales.push_back(std::nullopt);
        else
            parts.scales.push_back(make_scale(options, parts.latent, !learned || s == 1,
                                              !shared && s < options.scales, !shared && s > 1,
                                              options.seed + static_cast<unsigned>(s)));
    }
    if (learned && options.encoder) parts.encoder = make_encoder(options, parts.latent);
    return parts;
}

std::vector<uint8_t> write_l3c_model(const L3cParts& parts, const std::string& name) {
    const std::vector<uint8_t> latent = serialise_latent(parts.latent);
    std::vector<std::vector<uint8_t>> scales;
    for (const auto& scale : parts.scales)
        scales.push_back(scale ? serialise_network(scale->graph, scale->tables) : std::vector<uint8_t>());
    ByteWriter encoder;
    if (parts.encoder) nn::serialise_graph(*parts.encoder, encoder);
    return write_model_file({.description = "name=" + name + "\ncodec=l3c\n",
                             .latent = latent,
                             .scales = {scales.begin(), scales.end()},
                             .encoder = encoder.bytes});
}

std::vector<uint8_t> make_random_q_classifier(int first_q, int classes, unsigned seed) {
    constexpr int kWidth = 8, kFeatures = 6;
    nn::Random random(seed);
    nn::Graph graph;
    graph.align = 8;
    int node = graph.add(nn::Input{});
    const int widths[] = {3, kWidth, kWidth, kFeatures};
    for (int i = 0; i < 3; ++i) {
        nn::Convolution layer = nn::random_convolution(random, widths[i], widths[i + 1], 5,
                                                       i < 2 ? nn::ElementKind::kQ8 : nn::ElementKind::kI16);
        layer.stride = 2;
        layer.padding = 2;
        node = graph.add(std::move(layer), {node});
    }
    graph.outputs.push_back({"features", node});
    QScores scores;
    scores.first_q = first_q;
    for (int i = 0; i < classes * kFeatures; ++i)
        scores.weights.push_back(static_cast<int16_t>(static_cast<int>(random() % 2001) - 1000));
    scores.bias.resize(static_cast<size_t>(classes));
    return serialise_q_classifier(scores, graph);
}

std::vector<uint8_t> make_brightness_q_classifier(int first_q) {
    nn::Graph graph;
    graph.align = 2;
    const int input = graph.add(nn::Input{});
    nn::Convolution sum;
    sum.kernel = 1;
    sum.stride = 2;
    sum.padding = 0;
    sum.out_channels = 1;
    sum.weights = {1, 1, 1};
    sum.bias = {0};
    sum.out = {.kind = nn::ElementKind::kI16,
               .multiplier = {1 << 30},
               .negative_multiplier = {},
               .shift = {32}};  // a quarter
    graph.outputs.push_back({"features", graph.add(std::move(sum), {input})});
    constexpr int kBetween = 24;  // 32 levels from the middle
    return serialise_q_classifier({first_q, {1, 0, -1}, {0, kBetween, 0}}, graph);
}

std::vector<uint8_t> with_q_classifier(std::span<const uint8_t> model, std::span<const uint8_t> section) {
    ModelSections sections = parse_model_file(model);
    sections.q_classifier = section;
    return write_model_file(sections);
}

std::vector<uint8_t> make_olm_model(const std::string& name, const olm::Parameters& parameters,
                                    nn::ElementKind hidden) {
    constexpr int kComponents = 3;
    const auto tables = entropy::make_tables(entropy::LambdaActivation::kNone, kComponents, 1);
    std::vector<std::vector<uint8_t>> heads;
    for (size_t plane = 0; plane < olm::kPlanes; ++plane) {
        const auto solvers = static_cast<int>(parameters.planes[plane].experts.size());
        const int inputs = olm::head_inputs(static_cast<int>(plane), solvers);
        heads.push_back(serialise_network(olm::test_head(inputs, kComponents, 1, hidden), tables));
    }
    const auto experts = serialise_experts(parameters);
    ModelSections sections;
    sections.description = "name=" + name + "\ncodec=olm\n";
    sections.experts = experts;
    for (const auto& head : heads) sections.heads.push_back(head);
    return write_model_file(sections);
}

std::vector<uint8_t> make_l3c_model(const TestL3c& options) {
    return write_l3c_model(make_l3c_parts(options), options.name);
}

}  // namespace residua::models
