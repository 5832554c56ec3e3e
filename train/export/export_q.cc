#include "export/export_q.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "export/quantise.h"
#include "models/model_file.h"
#include "stages/rc/q_classifier.h"
#include "weights/model_weights.h"
#include "weights/whole_file.h"

namespace residua::train {

namespace {

using nn::Activation;
using nn::ElementKind;

// Builds the graph in the order and with the names of QNetwork::features.
class QExporter {
  public:
    QExporter(const Checkpoint& weights, const QConfig& config, const StepTable& steps)
        : weights_(weights), config_(config), steps_(steps), builder_(weights, graph_) {
        graph_.align = kQAlign;
    }

    nn::Graph build() {
        QuantisedTensor input;
        input.node = graph_.add(nn::Input{3, ElementKind::kQ8, 0});
        input.step.assign(3, static_cast<float>(kQPixelStep));
        const auto first = builder_.conv("first", input, 2, 2, stored("first.relu", Activation::kRelu));
        const auto low =
            blocks("low", builder_.conv("second", first, 2, 2, stored("low.start", Activation::kRelu)));
        const auto in = builder_.requantise(low, stored("low.end.in"));
        const auto high =
            blocks("high", builder_.conv("third", in, 2, 2, stored("high.start", Activation::kRelu)));
        feature_step_ = high.step;
        graph_.outputs.push_back({"features", high.node});
        return graph_;
    }

    // After build(). The real score is scale · (weights·sums
    // + bias·positions) / positions, for one positive scale.
    models::QScores scores() const {
        const FloatArray& weight = weights_.tensors.at("scores.weight");  // [class][feature][1][1]
        const FloatArray& bias = weights_.tensors.at("scores.bias");
        const size_t features = feature_step_.size();
        std::vector<double> real;
        double peak = 1e-12;
        for (size_t i = 0; i < weight.values.size(); ++i) {
            real.push_back(static_cast<double>(weight.values[i]) * feature_step_[i % features]);
            peak = std::max(peak, std::fabs(real.back()));
        }
        double scale = peak / INT16_MAX;
        for (const float value : bias.values)
            scale = std::max(scale, std::fabs(value) / static_cast<double>(INT32_MAX));
        models::QScores scores;
        scores.first_q = config_.range.first;
        for (const double value : real)
            scores.weights.push_back(static_cast<int16_t>(std::lround(value / scale)));
        for (const float value : bias.values)
            scores.bias.push_back(static_cast<int32_t>(std::llround(value / scale)));
        return scores;
    }

  private:
    QuantisedTensor blocks(const std::string& name, QuantisedTensor trunk) {
        for (int i = 0; i < config_.blocks; ++i) {
            const std::string block = name + "." + std::to_string(i);
            const auto in = builder_.requantise(trunk, stored(block + ".in"));
            const auto inner =
                builder_.conv(block + ".conv1", in, 1, 1, stored(block + ".relu", Activation::kRelu));
            const auto branch = builder_.conv(block + ".conv2", inner, 1, 1, stored(block + ".branch"));
            trunk = builder_.add(trunk, 1, branch, 1, stored(block + ".branch"));
        }
        return trunk;
    }

    Destination stored(const std::string& name, Activation activation = Activation::kNone) const {
        return stored_destination(steps_, name, activation);
    }

    const Checkpoint& weights_;
    QConfig config_;
    const StepTable& steps_;
    nn::Graph graph_;
    GraphBuilder builder_;
    std::vector<float> feature_step_;
};

constexpr const char* kDescriptionKey = "q_classifier=";

}  // namespace

std::vector<uint8_t> export_q_classifier(const Checkpoint& weights, const QConfig& config,
                                         const StepTable& steps) {
    QExporter exporter(weights, config, steps);
    const nn::Graph graph = exporter.build();
    return models::serialise_q_classifier(exporter.scores(), graph);
}

std::vector<uint8_t> with_q_classifier(const std::vector<uint8_t>& model,
                                       const std::vector<uint8_t>& classifier) {
    models::ModelSections sections = models::parse_model_file(model);
    sections.q_classifier = classifier;
    std::istringstream lines(sections.description);
    std::string description;
    for (std::string line; std::getline(lines, line);)
        if (line.rfind(kDescriptionKey, 0) != 0) description += line + "\n";
    // The section begins with the first Q and the number of classes.
    const int first = classifier.at(0), last = first + classifier.at(1) - 1;
    sections.description =
        description + kDescriptionKey + "Q " + std::to_string(first) + " to " + std::to_string(last) + "\n";
    return models::write_model_file(sections);
}

bool has_q_classifier(const std::string& model_path) {
    const std::vector<uint8_t> bytes = read_whole_file(model_path);
    return !models::parse_model_file(bytes).q_classifier.empty();
}

std::vector<uint8_t> q_classifier_section(const std::string& run_or_model) {
    if (!std::filesystem::is_directory(run_or_model)) {
        const std::vector<uint8_t> bytes = read_whole_file(run_or_model);
        const auto section = models::parse_model_file(bytes).q_classifier;
        if (section.empty()) throw std::runtime_error(run_or_model + " has no Q-classifier");
        return {section.begin(), section.end()};
    }
    const Checkpoint weights = load_safetensors(run_or_model + "/model.safetensors");
    const StepTable steps = read_steps(weights);
    if (steps.empty()) throw std::runtime_error(run_or_model + " is not trained to its end");
    return export_q_classifier(weights, QConfig::of(weights.metadata), steps);
}

}  // namespace residua::train
