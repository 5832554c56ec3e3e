#include "export/export_l3c.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "base/bytes.h"
#include "entropy/make_tables.h"
#include "export/quantise.h"
#include "models/mixture_network.h"
#include "models/model_file.h"
#include "nn/graph_io.h"
#include "stages/l3c/model.h"

namespace residua::train {

namespace {

using nn::Activation;
using nn::ElementKind;

// Builds one graph layer by layer, in the order and with the names of L3cNetwork.
class L3cGraph {
  public:
    L3cGraph(const Checkpoint& weights, const L3cConfig& config, const StepTable& steps)
        : config_(config), steps_(steps), builder_(weights, graph_) {}

    // All E^(s), one after the other.
    nn::Graph encoder() {
        graph_.align = 1 << config_.scales;
        QuantisedTensor x = input(3, kL3cPixelStep, 0);
        const double level = config_.z_step();
        // Symbol 0 is the middle of −1…1, or with an even number of levels the one above.
        const double offset = config_.levels % 2 ? 0 : -level / 2;
        for (int s = 1; s <= config_.scales; ++s) {
            const std::string e = std::string("e").append(std::to_string(s));
            const auto head = conv(e + ".head", x, 1, 1, stored(e + ".head"));
            const auto start = conv(e + ".down", head, 2, 2, stored(e + ".start"));
            x = builder_.requantise(body(e, start), stored(e + ".out"));
            graph_.outputs.push_back(output(std::string("z").append(std::to_string(s)), e + ".to_z", x,
                                            (1 << models::kEncoderUnitLog2) / level, offset));
        }
        return std::move(graph_);
    }

    // D^(s) and its classifier. feature_step: of f^(s+1),
    // empty when there is none; that of f^(s) replaces it.
    nn::Graph predictor(const std::string& d, bool hands_on, bool colour, std::vector<float>& feature_step) {
        graph_.align = 2;
        const QuantisedTensor z = input(config_.channels, config_.z_step(), 1);
        QuantisedTensor start = builder_.conv(d + ".from_z", z, 1, 0, stored(d + ".start"));
        if (!feature_step.empty()) {
            QuantisedTensor features;
            features.node = graph_.add(nn::Input{static_cast<int>(feature_step.size()), ElementKind::kQ8, 1});
            features.step = feature_step;
            start = builder_.add(start, 1, features, 1, stored(d + ".start"));
        }
        const auto trunk = builder_.requantise(body(d, start), stored(d + ".up.in"));
        const std::string name = d + (hands_on ? ".features" : ".up");
        Destination up = stored(name);
        std::vector<float> each;
        for (float step : up.step) each.insert(each.end(), 4, step);
        up.step = std::move(each);
        up.together *= 4;
        const auto f = builder_.pixel_shuffle(builder_.conv(d + ".up", trunk, 1, 1, up));
        QuantisedTensor wide;
        for (const int dilation : {1, 2, 4}) {
            const std::string part = d + ".wide" + std::to_string(dilation);
            const auto seen = builder_.conv(part, f, 1, dilation, stored(part), dilation);
            wide = wide.node < 0 ? seen : builder_.concat(wide, seen);
        }
        const double mean = kMeanUnit * (colour ? kPictureMeanUnit : kLatentMeanUnit);
        graph_.outputs.push_back(output("mu", d + ".mu", wide, mean));
        graph_.outputs.push_back(
            builder_.output("log_sigma", d + ".log_sigma", wide, kOctaveUnit * kShapeUnit));
        graph_.outputs.push_back(builder_.output("weight", d + ".weight", wide, kOctaveUnit * kShapeUnit));
        if (colour)
            graph_.outputs.push_back(
                builder_.output("lambda", d + ".lambda", wide, kLambdaUnit * kShapeUnit));
        feature_step.clear();
        if (hands_on) {
            graph_.outputs.push_back({models::kFeaturesName, f.node});
            feature_step = f.step;
        }
        return std::move(graph_);
    }

  private:
    QuantisedTensor conv(const std::string& layer, const QuantisedTensor& in, int stride, int padding,
                         const Destination& out) {
        return config_.has_fine_weights(layer) ? builder_.fine_conv(layer, in, stride, padding, out)
                                               : builder_.conv(layer, in, stride, padding, out);
    }
    nn::Output output(const std::string& name, const std::string& layer, const QuantisedTensor& in,
                      double units, double offset = 0) {
        return builder_.output(name, layer, in, units, offset, config_.has_fine_weights(layer));
    }
    QuantisedTensor input(int channels, double step, int downscale) {
        QuantisedTensor tensor;
        tensor.node = graph_.add(nn::Input{channels, ElementKind::kQ8, downscale});
        tensor.step.assign(static_cast<size_t>(channels), static_cast<float>(step));
        return tensor;
    }

    QuantisedTensor body(const std::string& name, const QuantisedTensor& start) {
        QuantisedTensor trunk = start;
        for (int i = 0; i < config_.blocks; ++i) {
            const std::string block = name + ".body" + std::to_string(i);
            const auto in = builder_.requantise(trunk, stored(block + ".in"));
            const auto inner = conv(block + ".conv1", in, 1, 1, stored(block + ".relu", Activation::kRelu));
            const auto branch = conv(block + ".conv2", inner, 1, 1, stored(block + ".branch"));
            trunk = builder_.add(trunk, 1, branch, 1, stored(block + ".branch"));
        }
        const auto in = builder_.requantise(trunk, stored(name + ".tail.in"));
        const auto branch = conv(name + ".tail", in, 1, 1, stored(name + ".tail.branch"));
        return builder_.add(start, 1, branch, 1, stored(name + ".tail.branch"));
    }

    Destination stored(const std::string& name, Activation activation = Activation::kNone) const {
        return stored_destination(steps_, name, activation);
    }

    const L3cConfig& config_;
    const StepTable& steps_;
    nn::Graph graph_;
    GraphBuilder builder_;
};

// A sum's step must not be finer than what is added to it: a convolution's accumulator counts in steps of its
// largest weight / 127, and a few inputs with large weights make that coarse.
class SumSteps {
  public:
    SumSteps(const Checkpoint& weights, const L3cConfig& config, StepTable steps)
        : weights_(weights), steps_(std::move(steps)) {
        const std::vector<float> z(static_cast<size_t>(config.channels), static_cast<float>(config.z_step()));
        for (int s = 1; s <= config.scales; ++s) {
            const std::string number = std::to_string(s), e = "e" + number;
            const std::string d = config.shared ? "d" : "d" + number;
            if (config.has_encoder()) {
                add(e, e + ".down", steps_.at(e + ".head"));
                add_body(e, config.blocks);
            }
            add(d, d + ".from_z", z);
            add_body(d, config.blocks);
        }
        for (auto& [name, values] : steps_) {
            const auto finest = finest_.find(sum_of(name));
            if (stored_tensor(name).is_byte() || finest == finest_.end()) continue;
            for (float& step : values) step = std::max(step, finest->second);
        }
    }

    StepTable take() { return std::move(steps_); }

  private:
    void add(const std::string& sum, const std::string& layer, const std::vector<float>& input) {
        const auto found = weights_.tensors.find(layer + ".weight");
        if (found == weights_.tensors.end()) throw std::runtime_error("the model lacks " + layer);
        const FloatArray& kernel = found->second;  // [out][in][ky][kx]
        const size_t inputs = static_cast<size_t>(kernel.shape[1]);
        const size_t taps = static_cast<size_t>(kernel.shape[2] * kernel.shape[3]);
        float peak = 0;
        for (size_t i = 0; i < kernel.values.size(); ++i)
            peak = std::max(peak, std::fabs(kernel.values[i]) * input[i / taps % inputs]);
        constexpr float kLargestScale = 0.48f;  // of set_scale()
        finest_[sum] = std::max(finest_[sum], peak / 127 / kLargestScale);
    }

    void add_body(const std::string& name, int blocks) {
        for (int i = 0; i < blocks; ++i) {
            const std::string block = name + ".body" + std::to_string(i);
            add(name, block + ".conv2", steps_.at(block + ".relu"));
        }
        add(name, name + ".tail", steps_.at(name + ".tail.in"));
    }

    const Checkpoint& weights_;
    StepTable steps_;
    std::map<std::string, float> finest_;  // by sum
};

}  // namespace

std::vector<uint8_t> export_l3c(const Checkpoint& weights, const L3cConfig& config,
                                const StepTable& calibrated, const std::string& description) {
    const StepTable steps = SumSteps(weights, config, calibrated).take();
    models::L3cLatent latent;
    latent.kind = config.pyramid ? models::LatentKind::kRgbPyramid : models::LatentKind::kLearned;
    latent.scales = config.scales;
    latent.channels = config.channels;
    latent.levels = config.levels;
    latent.anchored = config.anchored;
    latent.anchor_steps = {64 * config.luma_step, 64 * config.chroma_step, 64 * config.chroma_step};

    std::vector<std::vector<uint8_t>> scales;
    std::vector<float> feature_step;
    for (int s = config.scales; s >= 1; --s) {
        if (config.shared && s < config.scales) {
            scales.emplace_back();  // the same network again
            continue;
        }
        const std::string d = config.shared ? "d" : std::string("d").append(std::to_string(s));
        const bool colour = s == 1 || config.pyramid;
        const bool hands_on = s > 1 && config.passes_features();
        const nn::Graph graph = L3cGraph(weights, config, steps).predictor(d, hands_on, colour, feature_step);
        const auto tables = entropy::make_tables(
            colour ? entropy::LambdaActivation::kSigmoid : entropy::LambdaActivation::kNone,
            config.components, colour ? 3 : config.channels);
        scales.push_back(models::serialise_network(graph, tables));
    }
    ByteWriter encoder;
    if (config.has_encoder()) nn::serialise_graph(L3cGraph(weights, config, steps).encoder(), encoder);

    const std::vector<uint8_t> latent_bytes = models::serialise_latent(latent);
    models::ModelSections sections;
    sections.description = description;
    sections.latent = latent_bytes;
    for (const auto& scale : scales) sections.scales.push_back(scale);
    sections.encoder = encoder.bytes;
    return models::write_model_file(sections);
}

}  // namespace residua::train
