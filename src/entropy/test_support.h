// Synthetic network outputs and a floating-point mixture, for the tests and the benchmark.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "entropy/mixture.h"

namespace residua::entropy::testing {

// The network's outputs for a tile, and how to reach a row of them.
struct Parameters {
    int width = 0;
    int components = 0;
    int channels = 3;
    std::vector<int16_t> mu, log_sigma, weight, lambda;
    std::vector<int16_t> origin{};  // empty: null
    int origin_channels = 0;        // that origin has per pixel

    RowParameters row(int y) const;
};

// Any tables that a model file may hold, K and the number of channels given.
DistributionTables random_tables(std::mt19937& random, int components, int channels, bool coupled);

// Any int16 anywhere.
Parameters random_parameters(std::mt19937& random, int width, int height, const DistributionTables& tables);

// Origins for the coded channels: mostly within ±64, many at the ends, some beyond.
void add_origins(std::mt19937& random, int height, int coded_channels, Parameters& parameters);

// What a trained network gives: sigma varies smoothly between sigma_low and sigma_high, the components lie
// around one another, lambda couples the channels.
Parameters smooth_parameters(std::mt19937& random, int width, int height, const DistributionTables& tables,
                             double sigma_low, double sigma_high);

// Values drawn from the mixture in double precision (tanh for lambda), within the alphabet.
std::vector<int16_t> draw_values(std::mt19937& random, const Parameters& parameters, int height,
                                 const Alphabet& alphabet, int coded_channels);

// A well-formed stream of random bits, from which a decoder draws symbols.
std::vector<uint8_t> random_stream(std::mt19937& random, int lanes, size_t words);

Alphabet same_alphabet(int low, int high);

// Intervals of a whole tile, row after row.
std::vector<Interval> tile_intervals(MixtureCoder& coder, const Parameters& parameters, int height,
                                     int coded_channels, const std::vector<int16_t>& values);

// −log2 p of a tile under the same mixture, evaluated in double precision with the mathematical library (tanh
// for lambda) and renormalised to the alphabet.
double float_code_length(const Parameters& parameters, int height, const Alphabet& alphabet,
                         int coded_channels, const std::vector<int16_t>& values);

}  // namespace residua::entropy::testing
