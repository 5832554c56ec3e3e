// The learned head: a small network of pointwise layers that turns what the experts say about sixteen samples
// into mixtures of logistics. It runs on the integer engine's kernels.
#pragma once

#include <memory>

#include "base/memory.h"
#include "nn/network.h"
#include "olm/wavefront.h"

namespace residua::olm {

// A chain of 1×1 convolutions. Input: kQ8, one channel per byte of PlaneState::head_input. Output: kI16, for
// each component k its weight [k] (logit, 1/32 octave), its mean [K + k] (1/256 of the local scale, from the
// centre) and its log sigma [2 K + k] (1/32 octave, relative to the local scale).
class Head {
  public:
    // Throws kCorrupt unless the graph is such a chain, for `inputs` bytes and `components` components.
    Head(nn::Graph graph, int inputs, int components, Isa isa = active_isa());

    int inputs() const { return network_.type(0).channels; }
    int outputs() const { return network_.type(last()).channels; }
    const nn::Network& network() const { return network_; }

    // Memory that run() works in; for one thread.
    class Scratch {
      public:
        Scratch() = default;
        Scratch(const Head& head, Allocator& allocator);

      private:
        friend class Head;
        Buffer<uint8_t> layers_[2];
        Buffer<int32_t> accumulators_;
        Buffer<uint8_t> kernel_;
    };
    // input: [samples][inputs()], of at most sixteen samples; returns [samples][outputs()], valid until the next call
    // with this scratch.
    const int16_t* run(const uint8_t* input, int samples, Scratch& scratch) const;

  private:
    // What the kernels take behind a ReLU in place of the network's own weights; empty where they do not.
    struct Positive {
        nn::AlignedArray<uint8_t> weights;
        bool used = false;
    };
    void pack_positive();
    int last() const { return static_cast<int>(network_.graph().nodes.size()) - 1; }

    nn::Network network_;
    std::vector<Positive> positive_;  // [node]
};

}  // namespace residua::olm
