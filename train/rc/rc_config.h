// Architecture of an RC network: what a preset chooses and a checkpoint records.
#pragma once

#include <string>

#include "weights/description.h"

namespace residua::train {

struct RcConfig {
    int features = 128;        // C_f
    int blocks = 16;           // residual blocks with GDN at half resolution
    int components = 5;        // K
    bool shared_tail = false;  // one tail for μ, log σ and π instead of three
    bool gdn = true;           // in the residual blocks; false only to see what it brings
    // How the network sees the lossy layer. false, as in the paper: x_l in 8 bits, and means relative to it.
    // true: its local detail as well, at 1/8 of a level (three more input channels), and means relative to
    // the lossy layer before its rounding to 8 bits.
    bool fine = true;

    Description description() const;                     // for checkpoints
    static RcConfig of(const Description& description);  // throws std::runtime_error
};

// Real values of one step of the network's 8-bit inputs: of a pixel (0 is the pixel 128), and of the detail.
constexpr double kPixelStep = 1 / 127.5;
constexpr double kDetailStep = 1 / 32.0;

// "rc": the paper's network, seeing the lossy layer finely. "rc-paper": exactly the paper's. "rc-small": for
// CPUs; "rc-small-no-gdn": the same without GDN. Throws std::invalid_argument for another name.
RcConfig rc_preset(const std::string& name);

}  // namespace residua::train
