#include "support/test_model.h"

#include <random>

#include "base/bytes.h"
#include "entropy/make_tables.h"
#include "models/model_file.h"
#include "nn/graph_io.h"

namespace residua::testing {

namespace {

constexpr int kMixtures = 5;
constexpr int kFeatures = 8;
constexpr int kShift = 36;

class Weights {
  public:
    explicit Weights(uint64_t seed) : random_(seed) {}

    std::vector<int8_t> weights(int count) {
        std::vector<int8_t> values(static_cast<size_t>(count));
        for (int8_t& value : values) value = static_cast<int8_t>(static_cast<int>(random_() % 255) - 127);
        return values;
    }

    // Requantisation by `gain`.
    static nn::Requantisation requantisation(int channels, double gain, nn::ElementKind kind,
                                             nn::Activation activation) {
        nn::Requantisation out;
        out.kind = kind;
        out.activation = activation;
        out.multiplier.assign(static_cast<size_t>(channels),
                              static_cast<int32_t>(gain * (int64_t{1} << kShift)));
        if (activation == nn::Activation::kLeakyRelu)
            for (int32_t m : out.multiplier) out.negative_multiplier.push_back(m / 100);
        out.shift.assign(static_cast<size_t>(channels), kShift);
        return out;
    }

    nn::Convolution convolution(int in, int out, int stride, double gain, nn::ElementKind kind,
                                nn::Activation activation) {
        nn::Convolution layer;
        layer.stride = stride;
        layer.out_channels = out;
        layer.weights = weights(out * 9 * in);
        layer.bias.assign(static_cast<size_t>(out), 0);
        layer.out = requantisation(out, gain, kind, activation);
        return layer;
    }

  private:
    std::mt19937_64 random_;
};

nn::Graph make_graph(uint64_t seed, int channels, int sigma_shift) {
    using nn::Activation;
    using nn::ElementKind;
    Weights random(seed);
    nn::Graph graph;
    graph.align = 2;
    const int input = graph.add(nn::Input{channels});
    const int features = graph.add(
        random.convolution(channels, kFeatures, 1, 1 / 300.0, ElementKind::kQ8, Activation::kLeakyRelu),
        {input});
    const int half =
        graph.add(random.convolution(kFeatures, kFeatures, 2, 1 / 600.0, ElementKind::kQ8, Activation::kNone),
                  {features});
    nn::Gdn gdn;
    gdn.gamma.assign(kFeatures * kFeatures, 2);
    gdn.beta.assign(kFeatures, 64);
    gdn.out = Weights::requantisation(kFeatures, 1 / 256.0, ElementKind::kQ8, Activation::kNone);
    const int normal = graph.add(std::move(gdn), {half});
    const int sum = graph.add(nn::Add{1, 1, 1, ElementKind::kQ8}, {half, normal});
    nn::TransposedConvolution up;
    up.out_channels = kFeatures;
    up.weights = random.weights(kFeatures * 16 * kFeatures);
    up.bias.assign(kFeatures, 0);
    up.out = Weights::requantisation(kFeatures, 1 / 600.0, ElementKind::kQ8, Activation::kRelu);
    const int full = graph.add(std::move(up), {sum});
    const int both = graph.add(nn::Concat{}, {features, full});
    // Typical ranges: means of some steps, sigma around 2^1.5, weights within a few octaves, weak coupling.
    const struct {
        models::MixtureOutput output;
        double gain;
        int32_t bias;
    } tails[] = {{models::kMu, 1 / 900.0, 0},
                 {models::kLogSigma, 1 / 4000.0, (48 + sigma_shift) * 4000},
                 {models::kWeight, 1 / 2000.0, 0},
                 {models::kLambda, 1 / 2000.0, 0}};
    for (const auto& tail : tails) {
        nn::Convolution layer = random.convolution(2 * kFeatures, models::kRcChannels * kMixtures, 1,
                                                   tail.gain, ElementKind::kI16, Activation::kNone);
        for (int32_t& bias : layer.bias) bias = tail.bias;
        graph.outputs.push_back(
            {models::kMixtureOutputNames[tail.output], graph.add(std::move(layer), {both})});
    }
    return graph;
}

}  // namespace

std::vector<uint8_t> make_test_model(uint64_t seed, const std::string& name,
                                     models::Conditioning conditioning, int sigma_shift) {
    ByteWriter graph, tables;
    nn::serialise_graph(make_graph(seed, input_channels(conditioning), sigma_shift), graph);
    entropy::make_tables(entropy::LambdaActivation::kTanh, kMixtures).serialise(tables);
    return models::write_model_file({.description = "name=" + name + "\ncodec=rc\ndefault_q=12\n",
                                     .graph = graph.bytes,
                                     .distribution = tables.bytes,
                                     .conditioning = static_cast<uint8_t>(conditioning)});
}

}  // namespace residua::testing
