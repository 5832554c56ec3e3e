// Graphs with random weights for tests and benchmarks. Not part of the library.
#pragma once

#include <random>

#include "nn/graph.h"

namespace residua::nn {

using Random = std::mt19937;

// Weights and parameters that keep values spread over their range. `input`: kind and channels of what it
// reads.
Requantisation random_requantisation(Random& random, int channels, ElementKind kind, Activation activation,
                                     double scale);
Convolution random_convolution(Random& random, int in_channels, int out_channels, int kernel,
                               ElementKind kind, Activation activation = Activation::kNone);
TransposedConvolution random_transposed(Random& random, int in_channels, int out_channels, ElementKind kind);
Gdn random_gdn(Random& random, int channels, ElementKind kind, Activation activation);
Requantise random_requantise(Random& random, int channels, ElementKind from, ElementKind to,
                             Activation activation = Activation::kNone);

// The network of RC: `channels` wide, with one tail for mu, log_sigma and weight, or with a tail for each as
// in the paper.
Graph rc_graph(int channels, int blocks, bool separate_tails, unsigned seed = 1);

// A valid graph of about `layers` random layers of every kind, with odd channel counts, strides, dilations
// and paddings. The outputs have the scales 1, ½, 2 or ¼ of the picture, whatever comes out.
Graph random_graph(unsigned seed, int layers);

}  // namespace residua::nn
