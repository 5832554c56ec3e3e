#include "export/export_rc.h"

#include <cmath>
#include <stdexcept>

#include "base/bytes.h"
#include "entropy/make_tables.h"
#include "export/quantise.h"
#include "models/model_file.h"
#include "nn/graph_io.h"
#include "stages/rc/model.h"

namespace residua::train {

namespace {

using nn::Activation;
using nn::ElementKind;

// Builds the graph layer by layer, in the order and with the names of RcNetwork::forward.
class RcExporter {
  public:
    RcExporter(const Checkpoint& weights, const RcConfig& config, const StepTable& steps)
        : config_(config), steps_(steps), builder_(weights, graph_) {
        graph_.align = 2;
    }

    nn::Graph build() {
        QuantisedTensor input;
        input.node = graph_.add(nn::Input{config_.fine ? 6 : 3, ElementKind::kQ8, 0});
        input.step.assign(3, static_cast<float>(kPixelStep));
        if (config_.fine) input.step.insert(input.step.end(), 3, static_cast<float>(kDetailStep));
        const auto head = builder_.conv("head", input, 1, 1, stored("head", Activation::kRelu));
        const auto down = builder_.conv("down", head, 2, 1, stored("down"));
        QuantisedTensor trunk = down;
        for (int i = 0; i < config_.blocks; ++i) trunk = block("blocks." + std::to_string(i), trunk);
        const auto trunk_in = builder_.requantise(trunk, stored("trunk.input"));
        const auto skip = builder_.conv("trunk", trunk_in, 1, 1, stored("trunk"));
        const auto sum = builder_.add(skip, 1, down, 1, stored("trunk"));
        const auto up_in = builder_.requantise(sum, stored("up.input"));
        const auto up = builder_.transposed_conv("up", up_in, stored("up"));
        const auto merged =
            builder_.conv("merge", builder_.concat(up, head), 1, 1, stored("merge", Activation::kRelu));
        QuantisedTensor shared;
        if (config_.shared_tail) shared = tail("tail", merged);
        const std::pair<const char*, double> heads[] = {
            {"mu", kMeanUnit}, {"log_sigma", kOctaveUnit}, {"weight", kOctaveUnit}};
        for (const auto& [name, units] : heads)
            output(name, config_.shared_tail ? shared : tail(name, merged), units);
        output("lambda", merged, kLambdaUnit);
        return std::move(graph_);
    }

  private:
    QuantisedTensor block(const std::string& name, const QuantisedTensor& trunk) {
        const auto in = builder_.requantise(trunk, stored(name + ".input"));
        const auto normalised = conv_and_gdn(name, "1", in, Activation::kRelu);
        const auto branch = conv_and_gdn(name, "2", normalised, Activation::kNone);
        return builder_.add(trunk, 1, branch, 0.1, stored("trunk"));
    }

    QuantisedTensor conv_and_gdn(const std::string& block, const std::string& number,
                                 const QuantisedTensor& in, Activation activation) {
        const std::string conv = block + ".conv" + number, gdn = block + ".gdn" + number;
        if (!config_.gdn) return builder_.conv(conv, in, 1, 1, stored(gdn, activation));
        return builder_.gdn(gdn, builder_.conv(conv, in, 1, 1, stored(conv)), stored(gdn, activation));
    }

    QuantisedTensor tail(const std::string& name, const QuantisedTensor& merged) {
        const auto first = builder_.conv(name + ".block.conv1", merged, 1, 1,
                                         stored(name + ".block.conv1", Activation::kRelu));
        const auto second = builder_.conv(name + ".block.conv2", first, 1, 1, stored(name + ".block.conv2"));
        // The sum has one step for all channels; 16 bits, until each channel gets its own.
        const auto sum = builder_.add(merged, 1, second, 1, stored(name + ".block.conv2"));
        const auto narrow = builder_.requantise(sum, stored(name + ".block"));
        return builder_.conv(name + ".conv", narrow, 1, 1, stored(name + ".conv", Activation::kLeakyRelu));
    }

    void output(const std::string& name, const QuantisedTensor& in, double units) {
        graph_.outputs.push_back(builder_.output(name, name + ".out", in, units));
    }

    Destination stored(const std::string& name, Activation activation = Activation::kNone) const {
        return stored_destination(steps_, name, activation);
    }

    RcConfig config_;
    const StepTable& steps_;
    nn::Graph graph_;
    GraphBuilder builder_;
};

}  // namespace

std::vector<uint8_t> export_rc(const Checkpoint& weights, const RcConfig& config, const StepTable& steps,
                               const std::string& description) {
    const nn::Graph graph = RcExporter(weights, config, steps).build();
    ByteWriter graph_bytes, distribution_bytes;
    nn::serialise_graph(graph, graph_bytes);
    entropy::make_tables(entropy::LambdaActivation::kTanh, config.components).serialise(distribution_bytes);
    const auto conditioning = config.fine ? models::Conditioning::kFine : models::Conditioning::kPaper;
    return models::write_model_file({.description = description,
                                     .graph = graph_bytes.bytes,
                                     .distribution = distribution_bytes.bytes,
                                     .conditioning = static_cast<uint8_t>(conditioning)});
}

}  // namespace residua::train
