// L3C ("Practical Full Resolution Learned Lossless Image Compression", CVPR 2019) as a description over the
// integer network and the mixture of logistics: planes z^(s) of small integers at 1/2^s of the picture's
// size, s = 1 … S; D^(s) gives the distribution of the next finer planes from z^(s) and what D^(s+1) left in
// features. Sizes are those of the picture padded to multiples of 2^S.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "entropy/tables.h"
#include "models/method.h"
#include "models/model_file.h"
#include "nn/network.h"

namespace residua::models {

constexpr int kMaxLatentChannels = 8;  // C
constexpr int kMaxLevels = 256;        // L
constexpr int kPictureChannels = 3;    // that D^(1) predicts
constexpr int kEncoderUnitLog2 = 6;    // E's outputs are in 1/64 of a symbol
constexpr int kAnchoredChannels = 3;   // the first channels of z that anchor the planes they predict
constexpr int kMaxAnchorStep = 1 << 14;
constexpr const char* kFeaturesName = "features";

// What z is. kLearned: outputs of the model's encoder network. kRgbPyramid: the picture itself, halved by a
// bicubic filter again and again (the paper's baselines "RGB" and "RGB Shared").
enum class LatentKind : uint8_t { kLearned = 0, kRgbPyramid = 1 };

// Symbols of z are centred: level index − floor(L/2).
struct L3cLatent {
    LatentKind kind = LatentKind::kLearned;
    int scales = 0;    // S, 1 … kMaxScales
    int channels = 0;  // C of each z
    int levels = 0;    // L of each channel, 2 … kMaxLevels
    // Means are relative to the next coarser z, interpolated: the origins of entropy::RowParameters are
    // those of stages/l3c/pass.h, otherwise 0 as in the paper.
    bool anchored = false;
    // Of a learned, anchored z: 1/64 pixel values per symbol of its first channels, which stand for G, R − G
    // and B − G. 1 … kMaxAnchorStep.
    std::array<int, kAnchoredChannels> anchor_steps{};

    int lowest() const { return -(levels / 2); }
    int highest() const { return levels - 1 - levels / 2; }
    // Whether z^(s) anchors a picture of other units and colours than its own.
    bool anchors_colours(int s) const { return s == 1 && kind == LatentKind::kLearned; }
    // 1/64 symbols of the planes that D^(s) predicts per symbol of channel c of z^(s).
    int anchor_step(int s, int c) const {
        return anchors_colours(s) ? anchor_steps[static_cast<size_t>(c)] : 64;
    }
};

// D^(s). The network's "picture" are the planes that it predicts: those of z^(s−1), or the picture for s = 1.
// Its inputs are z^(s) and, when feature_inputs > 0, that many channels of features, both kQ8 at half the
// size; a symbol v is the byte 128 + v. Its outputs are those of MixtureOutput and, when feature_outputs > 0,
// last, a kQ8 output of that many channels.
struct L3cScale {
    std::shared_ptr<const entropy::DistributionTables> tables;
    std::shared_ptr<const nn::Network> network;
    int feature_inputs = 0;
    int feature_outputs = 0;

    // The index of the features among the network's outputs; for feature_outputs > 0.
    int feature_output() const { return static_cast<int>(network->graph().outputs.size()) - 1; }
};

struct L3cModel : Model, L3cLatent {
    // Throws kCorrupt, kTruncated or kUnsupported unless: z is as L3cLatent says, and of 3 channels and 256
    // levels for the pyramid; there is D^(s) for each s, with outputs and distribution for C channels
    // (uncoupled if z is learned, otherwise coupled), for s = 1 for 3 coupled channels; a network has
    // features exactly when the next finer one reads them; no network needs larger multiples than the padded
    // planes have; and there is an encoder with the outputs z1 … zS if z is learned (an anchored z of three
    // channels can do without), and none otherwise.
    explicit L3cModel(const ModelFile& file);

    std::vector<L3cScale>
        scale;  // coarse to fine: [0] is D^(S), [S − 1] is D^(1); one network may be at several places
    // E: one kQ8 input, the picture's pixels in 3 channels; output s − 1, kI16 of C channels at 1/2^s, is
    // z^(s) in units of 2^−kEncoderUnitLog2. Null for the pyramid, and where an anchored z of three channels
    // consists of the picture's averages (stages/l3c/enc_latents.h).
    std::shared_ptr<const nn::Network> encoder;
};

// The sections of a model file (ModelSections).
std::vector<uint8_t> serialise_latent(const L3cLatent& latent);

}  // namespace residua::models
