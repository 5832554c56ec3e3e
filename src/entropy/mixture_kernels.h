// The inner functions of the mixture coder, one set per instruction set. The scalar set is the specification
// (docs/format-entropy.md); the others return the same integers. Only plain data here: this header is
// compiled with the flags of each instruction set.
#pragma once

#include <cstdint>

#include "entropy/rans.h"

namespace residua::entropy {

inline constexpr int kMaxComponents = 15;
inline constexpr int kMaxChannels = 8;
inline constexpr int kMaxLambdaLimit = 8192;
inline constexpr int kMaxLambda = 16383;  // of a coefficient: sums of two products stay in int32
// Components are numbered c · K + k. Vector kernels fill whole blocks of 16 columns.
inline constexpr int kMaxColumns = 128;
inline constexpr int kMaxLambdaColumns = 48;

// DistributionTables, unpacked for speed.
struct MixtureTables {
    alignas(64) int32_t multiplier[32];
    alignas(64) int32_t exp2[32];
    alignas(64) int32_t logistic[1024];  // value << 12 | step to the next
    alignas(64) int32_t lambda[2 * kMaxLambdaLimit + 1];
    int lambda_limit;  // 0: channels are independent
    int components;
    int channels;        // that the rows of parameters have
    int coded_channels;  // that are coded, ≤ channels
    int v_min;
    int v_max;
    int base_shift;
    int low[kMaxChannels];  // alphabet
    int high[kMaxChannels];
    int tau[kMaxChannels * kMaxComponents];
    alignas(64) int32_t sigma[32];  // 2^15 · 2^(i/32)
};

using PixelGroup = int32_t[kGroupPixels];

// One component of one channel, for 16 pixels.
struct MixtureComponent {
    alignas(64) PixelGroup mean;       // 1/64 symbol
    alignas(64) PixelGroup log_sigma;  // the network's with tau, within the tables' limits
    alignas(64) PixelGroup multiplier;
    alignas(64) PixelGroup shift;
    alignas(64) PixelGroup weight;  // sum over a channel's components ≤ 2^14 − 1
};

// The mixtures of 16 pixels.
struct MixtureGroup {
    MixtureComponent component[kMaxColumns];
    alignas(64) PixelGroup lambda[kMaxLambdaColumns];
    alignas(64) PixelGroup value[kMaxChannels];
    alignas(64) PixelGroup offset[kMaxChannels];  // RowParameters::origin
    alignas(64) PixelGroup low, high;             // the alphabet of each pixel, of begin_shares_each
    // Of the channel that begin_shares was last called for: how C(x) becomes F(x).
    alignas(64) PixelGroup origin;         // C(low)
    alignas(64) PixelGroup total;          // T
    alignas(64) PixelGroup normalisation;  // left shift
    alignas(64) PixelGroup scale;          // R
    alignas(64) PixelGroup step;           // B
};

// First pixel of a group in NHWC rows; pixel p has its parameters at [p · pitch + c · K + k]. The vector
// kernels read 16 pixels and 15 numbers more, whatever the count.
struct GroupParameters {
    const int16_t* mu;
    const int16_t* log_sigma;
    const int16_t* weight;
    const int16_t* lambda;
    int pitch;
    int lambda_pitch;
};

// Arrays of 16 for 16 pixels; those outside the given range
// are neither read for a purpose nor written with one.
struct MixtureKernels {
    // Fills mean and log_sigma (the network's), multiplier,
    // shift and weight of the coded channels, and lambda.
    void (*prepare)(const MixtureTables&, const GroupParameters&, int count, MixtureGroup&);
    // Adds offset[c] and the coupling with value[0 … c) to the means of channel c.
    void (*move_means)(const MixtureTables&, int c, int count, MixtureGroup&);
    // Then finds origin … step.
    void (*begin_shares)(const MixtureTables&, int c, int count, MixtureGroup&);
    // Intervals of value[c][0 … count), which must lie in the alphabet.
    void (*intervals)(const MixtureTables&, int c, int count, const MixtureGroup&, uint32_t* start,
                      uint32_t* frequency);
    // For pixels first ≤ p < end: writes value[c][p] such that its interval holds slot[p].
    void (*search)(const MixtureTables&, int c, int first, int end, const uint32_t* slot, MixtureGroup&,
                   uint32_t* start, uint32_t* frequency);
    // The same three with an alphabet of its own for each pixel, group.low … group.high, within
    // −kWideReach … kWideReach: docs/format-deep.md, 3.
    void (*begin_shares_each)(const MixtureTables&, int c, int count, MixtureGroup&);
    void (*intervals_each)(const MixtureTables&, int c, int count, const MixtureGroup&, uint32_t* start,
                           uint32_t* frequency);
    void (*search_each)(const MixtureTables&, int c, int first, int end, const uint32_t* slot, MixtureGroup&,
                        uint32_t* start, uint32_t* frequency);
};

// Alphabets of single pixels.
inline constexpr int kWideReach = 1023;
inline constexpr uint32_t kWideSymbols = 2048;  // more than any of them has

extern const MixtureKernels kMixtureScalar;
extern const MixtureKernels kMixtureAvx2;
extern const MixtureKernels kMixtureAvx512;
extern const MixtureKernels kMixtureNeon;
extern const MixtureKernels kMixtureSimd128;

}  // namespace residua::entropy
