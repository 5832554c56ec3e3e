// All kernels but convolution, written once over the vectors of src/simd. An
// instruction set's file includes simd/<name>.h and then this, and uses no standard
// library, whose inline functions would be compiled for the wrong processor.
#pragma once

#include "nn/add_vector.h"
#include "nn/gdn_vector.h"
#include "nn/requantise_vector.h"

namespace residua::nn::RESIDUA_SIMD {

namespace {

// Of bytes: the four bytes of channel c at a pixel are one lane.
inline void shuffle(const ShuffleArgs& args) {
    if (args.wide) return kScalarKernels.shuffle(args);
    constexpr int kGroup = 4 * kNative;
    for (ptrdiff_t x = 0; x < args.columns; ++x) {
        const char* from = static_cast<const char*>(args.source) + x * args.source_step;
        for (int j = 0; j < 2; ++j) {
            const int byte = 2 * args.odd_row + j;
            char* to = static_cast<char*>(args.destination) + (2 * x + j) * args.destination_step;
            int channel = 0;
            for (; channel + kGroup <= args.channels; channel += kGroup) {
                Ints value[4];
#pragma GCC unroll 4
                for (int k = 0; k < 4; ++k) {
                    const Ints lane = load<Source::kI32>(from + 4 * (channel + k * kNative));
                    value[k] = (lane << (24 - 8 * byte)) >> 24;
                }
                // Signed bytes, which no saturation changes.
                packed_twice(pack(pack(value[0], value[1]), pack(value[2], value[3]))).store(to + channel);
            }
            for (; channel < args.channels; ++channel) to[channel] = from[4 * channel + byte];
        }
    }
}

}  // namespace

}  // namespace residua::nn::RESIDUA_SIMD
