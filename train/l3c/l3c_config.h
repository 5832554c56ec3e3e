// Architecture of an L3C network and of the paper's two
// baselines: what a preset chooses and a checkpoint records.
#pragma once

#include <string>

#include "weights/description.h"

namespace residua::train {

struct L3cConfig {
    int scales = 4;        // S; 3 in the paper
    int features = 64;     // C_f
    int blocks = 8;        // residual blocks of each E^(s) and D^(s)
    int components = 10;   // K
    int channels = 3;      // C of z; 5 in the paper
    int levels = 129;      // L of z; 25 in the paper; 256 for the RGB pyramid
    bool pyramid = false;  // z is the picture, bicubically halved s times, instead of learned
    // Means relative to the next coarser z, interpolated
    // (L3cNetwork::anchor), instead of absolute as in the paper.
    bool anchored = true;
    // Of an anchored z of three channels: it is the picture's averages in differences of colours, exactly,
    // and there is no E.
    bool averages = false;
    // Pixel values per symbol of an anchored z that passes the halved picture on: of G; of R − G and
    // B − G.
    int luma_step = 4, chroma_step = 2;
    bool shared = false;  // one predictor for all scales, which passes no features on; only with the pyramid

    bool passes_features() const { return !shared; }
    // Real value of one step of z's symbols as D sees them: learned z spans −1…1.
    double z_step() const { return pyramid ? 1 / 127.5 : 2.0 / (levels - 1); }
    int lowest() const { return -(levels / 2); }
    int highest() const { return levels - 1 - levels / 2; }
    bool has_encoder() const { return !pyramid && !averages; }
    // Whether the first three channels of z stand for G, R − G and B − G.
    bool anchors_colours() const { return anchored && !pyramid; }

    // Whether the integer network has 16-bit weights in this layer, by its name (GraphBuilder::fine_conv):
    // the layer that absolute means come from, and all of E, whose z the predictors were trained with. 8 bits
    // there cost up to 10 % of a file. Networks with anchored means, which were released without, do well.
    bool has_fine_weights(const std::string& layer) const;

    Description description() const;                      // for checkpoints
    static L3cConfig of(const Description& description);  // throws std::runtime_error
};

// The last layers' results are multiplied by these, so that
// a step of Adam moves means and shapes by sensible amounts.
constexpr double kPictureMeanUnit = 8;
constexpr double kLatentMeanUnit = 2;
constexpr double kShapeUnit = 2;  // of log σ, the weights' logits and λ
// Real value of one step of pixels as E sees them; 0 is the pixel 128.
constexpr double kL3cPixelStep = 1 / 127.5;

// "l3c": the paper's predictors with anchored means, over averages as z; "l3c-learned": over learned z.
// "l3c-paper": exactly the paper's; "l3c-rgb", "l3c-rgb-shared": its baselines RGB and RGB Shared. Throws
// std::invalid_argument for another name.
L3cConfig l3c_preset(const std::string& name);

}  // namespace residua::train
