// What the models of all codecs have in common: networks whose outputs
// are the parameters of a mixture of logistics, with the tables that make
// shares of them. Here their sections of a model file are read and checked.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "entropy/tables.h"
#include "nn/graph.h"
#include "nn/network.h"
#include "nn/shapes.h"

namespace residua::models {

// The outputs of such a network, in the order of its graph; units in entropy/mixture.h. Lambda is there when
// the distribution couples its channels. Outputs that a codec adds come after them.
enum MixtureOutput { kMu = 0, kLogSigma = 1, kWeight = 2, kLambda = 3 };
constexpr const char* kMixtureOutputNames[] = {"mu", "log_sigma", "weight", "lambda"};
inline int mixture_outputs(const entropy::DistributionTables& tables) {
    return tables.coupled() ? kLambda + 1 : kWeight + 1;
}

// Reads the parts of one model. Whatever does not fit throws kCorrupt (or kTruncated), with the model's name.
class PartReader {
  public:
    // what: of which kind the model must be, for messages: "an RC model".
    PartReader(std::string name, const char* what) : name_(std::move(name)), what_(what) {}
    // For one part of it, which messages name: "scale 2".
    PartReader of(std::string part) const {
        PartReader reader = *this;
        reader.part_ = std::move(part) + ": ";
        return reader;
    }

    [[noreturn]] void refuse(const std::string& reason) const;
    void require(bool condition, const std::string& reason) const {
        if (!condition) refuse(reason);
    }

    // The whole of `bytes`, for that many channels, coupled or not.
    entropy::DistributionTables tables(std::span<const uint8_t> bytes, int channels, bool coupled) const;
    // The whole of `bytes`; its inputs and outputs are still to be checked.
    nn::Graph graph(std::span<const uint8_t> bytes) const;

    // The graph's Input layers must be exactly these, in this order.
    void check_inputs(const nn::Graph& graph, std::span<const nn::Input> wanted) const;

    struct WantedOutput {
        std::string name;
        nn::TensorType type;
    };
    // The graph's outputs must be exactly these; brings them into this order.
    void order_outputs(nn::Graph& graph, std::span<const WantedOutput> wanted) const;

  private:
    std::string name_;
    const char* what_;
    std::string part_;
};

// The outputs in MixtureOutput's order, at the size of the network's picture.
std::vector<PartReader::WantedOutput> mixture_output_types(const entropy::DistributionTables& tables);

// A network with its distribution, as sections of L3C's scales and OLM's heads hold them.
std::vector<uint8_t> serialise_network(const nn::Graph& graph, const entropy::DistributionTables& tables);

// The Input layers of a graph, in order.
std::vector<nn::Input> graph_inputs(const nn::Graph& graph);

}  // namespace residua::models
