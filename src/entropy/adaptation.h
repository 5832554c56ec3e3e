// What adapts the mixtures of a tile to what has been decoded of it: docs/format-adaptation.md is the
// definition. Errors around a sample, weighted by numbers that learn, move its means; how large they were,
// against what the mixtures had expected, widens or narrows its sigmas.
//
// Sixteen rows of a tile advance together, each three samples behind the one above it. Only plain data here:
// this header is compiled with the flags of each instruction set.
#pragma once

#include "entropy/mixture_kernels.h"

namespace residua::entropy {

inline constexpr int kWavefrontRows = kGroupPixels;
inline constexpr int kWavefrontLag = 3;
inline constexpr int kMaxFeatures = 25;    // errors that move a mean
inline constexpr int kMaxNeighbours = 10;  // samples whose errors' size counts
inline constexpr int kScaleBins = 32;      // of a quarter of an octave each
inline constexpr int kOwnWeight = 4;       // of the sample's own expected error among its neighbours'

inline constexpr int kMaxError = 4095;         // 1/64 symbol
inline constexpr int kWeightLimit = 1 << 22;   // a weight of 1
inline constexpr int kDeltaLimit = 128 << 10;  // four octaves
inline constexpr int kLowestRatio = -96;       // log2 of the first bin's ratio, 1/32 octave
inline constexpr int kLastPosition = 8 * (kScaleBins - 1) - 1;

// h: 2^18 · u (1 − u) ln((1 − u) / u), u = i/256 up to 1/2:
// how a logistic's probabilities change with its scale.
inline constexpr int32_t kScore[129] = {
    0,     5652,  9843,  13464, 16705, 19658, 22378, 24901, 27252, 29452, 31515, 33454, 35280, 37000, 38622,
    40152, 41596, 42958, 44243, 45455, 46598, 47673, 48685, 49636, 50528, 51364, 52145, 52874, 53553, 54182,
    54764, 55301, 55793, 56242, 56650, 57017, 57344, 57634, 57886, 58101, 58282, 58428, 58541, 58621, 58669,
    58687, 58674, 58631, 58560, 58460, 58333, 58179, 57999, 57794, 57563, 57308, 57029, 56727, 56401, 56054,
    55685, 55294, 54883, 54451, 53999, 53528, 53038, 52529, 52002, 51457, 50895, 50316, 49721, 49109, 48482,
    47839, 47181, 46508, 45821, 45120, 44406, 43678, 42937, 42184, 41418, 40641, 39851, 39051, 38239, 37417,
    36584, 35741, 34888, 34026, 33154, 32274, 31385, 30488, 29582, 28669, 27748, 26820, 25886, 24944, 23996,
    23042, 22082, 21116, 20145, 19169, 18188, 17203, 16213, 15219, 14221, 13220, 12216, 11208, 10198, 9186,
    8171,  7154,  6135,  5115,  4093,  3071,  2048,  1024,  0};

// What is known of one channel, 2^−22 and 2^−10 · 1/32 octave.
struct AdaptationModel {
    int32_t weight[kMaxFeatures];
    int32_t delta[kScaleBins];
};

// Where the neighbours of 16 samples are: 16 numbers at each pointer, not aligned.
struct AdaptationInputs {
    int features;
    const int32_t* error[kMaxFeatures];
    int neighbours;
    const int32_t* magnitude[kMaxNeighbours];
    const int32_t* spread[kMaxNeighbours];
    int weight[kMaxNeighbours];
};

// Of the 16 samples of one channel, in 1/64 symbol unless said otherwise.
struct AdaptationStep {
    alignas(64) PixelGroup centre;      // mean of the mixture as the network gave it
    alignas(64) PixelGroup prediction;  // how far the means were moved
    alignas(64) PixelGroup reciprocal;  // 2^22 over the error to be expected
    alignas(64) PixelGroup position;    // among the scale bins, in eighths
    // What later samples see; 0 for samples that are not there.
    alignas(64) PixelGroup error;      // from the centre
    alignas(64) PixelGroup magnitude;  // of the error that the prediction left
    alignas(64) PixelGroup spread;     // magnitude that the network's mixture expects
};

struct AdaptationKernels {
    // After MixtureKernels::move_means: moves the means of channel c and changes its sigmas. Fills `step` but
    // for error and magnitude.
    void (*adapt)(const MixtureTables&, int c, const AdaptationInputs&, const AdaptationModel&, MixtureGroup&,
                  AdaptationStep&);
    // When value[c] is known for the pixels first ≤ p < end: fills the rest and corrects the weights.
    void (*learn)(const MixtureGroup&, int c, int first, int end, const AdaptationInputs&, AdaptationModel&,
                  AdaptationStep&);
};

extern const AdaptationKernels kAdaptationScalar;
extern const AdaptationKernels kAdaptationAvx2;
extern const AdaptationKernels kAdaptationAvx512;
extern const AdaptationKernels kAdaptationNeon;
extern const AdaptationKernels kAdaptationSimd128;

}  // namespace residua::entropy
