// RC ("Learning Better Lossless Compression Using Lossy Compression", CVPR 2020) as a description over the
// integer network and the mixture of logistics: the lossy layer in, the distribution of the residual
// r = x − x_l out.
#pragma once

#include "entropy/tables.h"
#include "models/mixture_network.h"
#include "models/model_file.h"
#include "nn/network.h"

namespace residua::models {

constexpr int kRcChannels = 3;

// What the network sees of the lossy layer, and what its means are relative to; a byte of the model file.
// kPaper: x_l in 8 bits. kFine: x_l and its local detail (stages/network_input.h), and means relative to the
// lossy layer before its rounding to 8 bits, which saves the bits that this rounding would put into the
// residual.
enum class Conditioning : uint8_t { kPaper = 0, kFine = 1 };
constexpr int input_channels(Conditioning conditioning) {
    return conditioning == Conditioning::kFine ? 2 * kRcChannels : kRcChannels;
}

struct RcModel {
    // Throws kCorrupt unless the graph takes one 8-bit picture of input_channels() channels and has exactly
    // MixtureOutput's outputs, each of 3·K int16 channels at the picture's size, and the distribution couples
    // 3 channels.
    explicit RcModel(const ModelFile& file);

    Conditioning conditioning;
    entropy::DistributionTables tables;  // coupled, of 3 channels
    nn::Network network;
};

}  // namespace residua::models
