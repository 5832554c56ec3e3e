#include "export_rc.h"

#include <cmath>
#include <stdexcept>

#include "base/bytes.h"
#include "entropy/make_tables.h"
#include "models/model_file.h"
#include "models/rc.h"
#include "nn/graph_io.h"
#include "quantise.h"

namespace residua::train {

namespace {

using nn::Activation;
using nn::ElementKind;

// Builds the graph layer by layer, in the order and with the names of RcNetwork::forward.
class RcExporter {
  public:
    RcExporter(const Checkpoint& weights, const RcConfig& config, const Calibration& calibration)
        : config_(config), calibration_(calibration), builder_(weights, graph_) {
        graph_.align = 2;
    }

    nn::Graph build() {
        QuantisedTensor input;
        input.node = graph_.add(nn::Input{config_.fine ? 6 : 3, ElementKind::kQ8, 0});
        input.step.assign(3, static_cast<float>(kPixelStep));
        if (config_.fine) input.step.insert(input.step.end(), 3, static_cast<float>(kDetailStep));
        const auto head = builder_.conv("head", input, 1, 1, bytes("head", ElementKind::kQ8, Activation::kRelu));
        const auto down = builder_.conv("down", head, 2, 1, wide("down"));
        QuantisedTensor trunk = down;
        for (int i = 0; i < config_.blocks; ++i) trunk = block("blocks." + std::to_string(i), trunk);
        const auto trunk_in = builder_.requantise(trunk, bytes("trunk.input"));
        const auto skip = builder_.conv("trunk", trunk_in, 1, 1, wide("trunk"));
        const auto sum = builder_.add(skip, 1, down, 1, wide("up.input"));
        const auto up_in = builder_.requantise(sum, bytes("up.input"));
        const auto up = builder_.transposed_conv("up", up_in, bytes("up"));
        const auto merged = builder_.conv("merge", builder_.concat(up, head), 1, 1,
                                          even_bytes("merge", ElementKind::kU8, Activation::kRelu));
        constexpr double kOctave = 32 / M_LN2;  // natural logarithms to the distribution's 1/32 octaves
        QuantisedTensor shared;
        if (config_.shared_tail) shared = tail("tail", merged);
        const std::pair<const char*, double> heads[] = {{"mu", 64.0}, {"log_sigma", kOctave}, {"weight", kOctave}};
        for (const auto& [name, units] : heads)
            output(name, config_.shared_tail ? shared : tail(name, merged), units);
        output("lambda", merged, 256.0);
        return std::move(graph_);
    }

  private:
    QuantisedTensor block(const std::string& name, const QuantisedTensor& trunk) {
        const auto in = builder_.requantise(trunk, bytes(name + ".input"));
        const auto first = builder_.conv(name + ".conv1", in, 1, 1, bytes(name + ".conv1"));
        const auto normalised =
            builder_.gdn(name + ".gdn1", first, bytes(name + ".gdn1", ElementKind::kU8, Activation::kRelu));
        const auto second = builder_.conv(name + ".conv2", normalised, 1, 1, bytes(name + ".conv2"));
        const auto branch =
            builder_.gdn(name + ".gdn2", second, even_bytes(name + ".gdn2", ElementKind::kQ8, Activation::kNone));
        Destination out = wide("down");
        out.step = trunk.step;
        out.mean.clear();
        return builder_.add(trunk, 1, branch, 0.1, out);
    }

    QuantisedTensor tail(const std::string& name, const QuantisedTensor& merged) {
        const auto first = builder_.conv(name + ".block.conv1", merged, 1, 1,
                                         bytes(name + ".block.conv1", ElementKind::kU8, Activation::kRelu));
        const auto second = builder_.conv(name + ".block.conv2", first, 1, 1, wide(name + ".block.conv2"));
        const auto sum = builder_.add(merged, 1, second, 1,
                                      even_bytes(name + ".block", ElementKind::kQ8, Activation::kNone));
        return builder_.conv(name + ".conv", sum, 1, 1,
                             bytes(name + ".conv", ElementKind::kQ8, Activation::kLeakyRelu));
    }

    void output(const std::string& name, const QuantisedTensor& in, double units) {
        const Destination out{ElementKind::kI16, Activation::kNone,
                              std::vector<float>(static_cast<size_t>(3 * config_.components),
                                                 static_cast<float>(1 / units)),
                              {},
                              false};
        graph_.outputs.push_back({name, builder_.conv(name + ".out", in, 1, 0, out).node});
    }

    const ActivationSamples& samples(const std::string& name) const {
        const auto found = calibration_.find(name);
        if (found == calibration_.end()) throw std::runtime_error("no calibration for " + name);
        return found->second;
    }
    static int levels(ElementKind kind) { return kind == ElementKind::kU8 ? 255 : 127; }

    Destination bytes(const std::string& name, ElementKind kind = ElementKind::kQ8,
                      Activation activation = Activation::kNone) const {
        return {kind, activation, channel_steps(samples(name), levels(kind)), channel_means(samples(name)), true};
    }
    // One step for all channels, as sums need it.
    Destination even_bytes(const std::string& name, ElementKind kind, Activation activation) const {
        const auto& seen = samples(name);
        return {kind, activation, std::vector<float>(seen.channel.size(), tensor_step(seen, levels(kind))),
                channel_means(seen), false};
    }
    // The trunk and its sums share one 16-bit step.
    Destination wide(const std::string& name) const {
        float step = wide_step(samples(name));
        if (name == "down" || name == "trunk" || name == "up.input")
            for (const char* other : {"down", "trunk", "trunk.input", "up.input"})
                step = std::max(step, wide_step(samples(other)));
        return {ElementKind::kI16, Activation::kNone, std::vector<float>(samples(name).channel.size(), step), {}, false};
    }

    RcConfig config_;
    const Calibration& calibration_;
    nn::Graph graph_;
    GraphBuilder builder_;
};

}  // namespace

std::vector<uint8_t> export_rc(const Checkpoint& weights, const RcConfig& config, const Calibration& calibration,
                               const std::string& description) {
    const nn::Graph graph = RcExporter(weights, config, calibration).build();
    ByteWriter graph_bytes, distribution_bytes;
    nn::serialise_graph(graph, graph_bytes);
    entropy::make_tables(entropy::LambdaActivation::kTanh, config.components).serialise(distribution_bytes);
    const auto conditioning = config.fine ? models::Conditioning::kFine : models::Conditioning::kPaper;
    return models::write_model_file(description, graph_bytes.bytes, distribution_bytes.bytes,
                                    static_cast<uint8_t>(conditioning));
}

}  // namespace residua::train
