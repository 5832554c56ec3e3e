// RC ("Learning Better Lossless Compression Using Lossy Compression", CVPR 2020) as a description over the
// integer network and the mixture of logistics: the lossy layer in, the distribution of the residual
// r = x − x_l out.
#pragma once

#include <memory>

#include "entropy/tables.h"
#include "models/method.h"
#include "models/mixture_network.h"
#include "models/model_file.h"
#include "nn/network.h"

namespace residua::models {

constexpr int kRcChannels = 3;

// What the network sees of the lossy layer, and what its means are relative to; a
// byte of the model file. kPaper: x_l in 8 bits. kFine: x_l and its local detail
// (stages/rc/network_input.h), and means relative to the lossy layer before its rounding
// to 8 bits, which saves the bits that this rounding would put into the residual.
enum class Conditioning : uint8_t { kPaper = 0, kFine = 1 };
constexpr int input_channels(Conditioning conditioning) {
    return conditioning == Conditioning::kFine ? 2 * kRcChannels : kRcChannels;
}

// The keys default_q (1…51) and default_bit_depth (8 or 10) of a model's description, or what RC is best at
// without them. Throws kCorrupt for others.
LossyDefaults lossy_defaults_of(const ModelFile& file);

struct QClassifier;

struct RcModel : Model {
    // Throws kCorrupt unless the graph takes one 8-bit picture of input_channels()
    // channels and has exactly MixtureOutput's outputs, each of 3·K int16
    // channels at the picture's size, and the distribution couples 3 channels.
    explicit RcModel(const ModelFile& file);

    // What chooses Q for an encoder, read on first use; null for a model that has none. Throws kCorrupt.
    const QClassifier* q_classifier() const;
    void check_all() const override { q_classifier(); }

    LossyDefaults defaults;
    Conditioning conditioning;
    entropy::DistributionTables tables;  // coupled, of 3 channels
    nn::Network network;

  private:
    const ModelFile& file_;
    mutable std::shared_ptr<const QClassifier> q_classifier_;
};

}  // namespace residua::models
