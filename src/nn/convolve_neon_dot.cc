// One sdot multiplies four bytes of a pixel with four weights of four output channels.
#include "nn/convolve_neon_dot.h"

#include "nn/convolve_neon.h"

namespace residua::nn::neon_dot {

namespace {

struct DotProducts {
    static int place(int channel, int input) { return 4 * channel + input; }

    template <int group>
    struct Operand {
        int8x16_t inputs;
        explicit Operand(int8x16_t v) : inputs(v) {}
    };

    template <int group>
    static inline __attribute__((always_inline)) int32x4_t add(int32x4_t sum, int8x16_t weights,
                                                               const Operand<group>& operand) {
        return vdotq_laneq_s32(sum, weights, operand.inputs, group);
    }
};

}  // namespace

void pack_weights(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    pack_blocks<DotProducts>(weights, out_channels, inputs, packed);
}

void convolve(const ConvolveArgs& args) { convolve_blocks<DotProducts>(args); }

}  // namespace residua::nn::neon_dot
