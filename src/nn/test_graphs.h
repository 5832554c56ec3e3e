// Graphs with random weights for tests and benchmarks. Not part of the library.
#pragma once

#include <random>

#include "nn/graph.h"

namespace residua::nn {

using Random = std::mt19937;

// Weights and parameters that keep values spread over their
// range. `input`: kind and channels of what it reads.
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

// The sizes of L3C's networks, the paper's if nothing else is said.
struct L3cShape {
    int channels = 64;
    int blocks = 8;
    int components = 10;  // K
    int z_channels = 5;
};

// D^(s): from z^(s) and, if there are any, the features of the coarser scale,
// both at half the picture's size. Predicts a picture of three coupled
// channels, or else the next finer z, for whose predictor it leaves "features".
Graph l3c_predictor_graph(const L3cShape& shape, bool picture, bool coarser_features, unsigned seed = 1);

// E of all scales: outputs "z1" … "z<scales>" at 1/2 … 1/2^scales of the picture's size.
Graph l3c_encoder_graph(const L3cShape& shape, int scales, unsigned seed = 1);

// A valid graph of about `layers` random layers of every kind, with odd channel counts, strides, dilations
// and paddings. The outputs have the scales 1, ½, 2 or ¼ of the picture, whatever comes out.
Graph random_graph(unsigned seed, int layers);

}  // namespace residua::nn
