// Kernels for NEON. Its own convolution adds two products in 16 bits, which cannot overflow: weights are −127…127
// and inputs −128…127. Where there are dot products, theirs is another (convolve_neon_dot.cc).
#include "simd/neon.h"

#include "nn/convolve_neon.h"
#include "nn/convolve_neon_dot.h"
#include "nn/pointwise_vector.h"

namespace residua::nn::neon {

namespace {

struct PairProducts {
    // Two weights of each channel in the lower half, two in the upper.
    static int place(int channel, int input) { return input / 2 * 8 + 2 * channel + input % 2; }

    // Its first two inputs four times, then its last two.
    template <int group>
    struct Operand {
        int8x16_t inputs;
        explicit Operand(int8x16_t v) {
            const uint16_t first = 0x100 * (4 * group + 1) + 4 * group;
            const uint8x16_t places = vreinterpretq_u8_u16(
                vcombine_u16(vdup_n_u16(first), vdup_n_u16(static_cast<uint16_t>(first + 0x202))));
            inputs = vqtbl1q_s8(v, places);
        }
    };

    template <int group>
    static inline __attribute__((always_inline)) int32x4_t add(int32x4_t sum, int8x16_t weights,
                                                               const Operand<group>& operand) {
        const int16x8_t products = vmull_s8(vget_low_s8(weights), vget_low_s8(operand.inputs));
        return vpadalq_s16(sum, vmlal_high_s8(products, weights, operand.inputs));
    }
};

size_t packed_bytes(int out_channels, int inputs) {
    return static_cast<size_t>(out_channels / kChannelBlock) * block_bytes(inputs);
}

void pack_weights(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    pack_blocks<PairProducts>(weights, out_channels, inputs, packed);
}

size_t scratch_bytes(int, int, ptrdiff_t, int) { return 0; }

void convolve(const ConvolveArgs& args) { convolve_blocks<PairProducts>(args); }

}  // namespace

}  // namespace residua::nn::neon

namespace residua::nn {

const Kernels kNeonKernels = {neon::packed_bytes, neon::pack_weights, neon::scratch_bytes,
                              neon::convolve,     neon::requantise,   neon::add,
                              neon::square,       neon::normalise,    neon::shuffle};

const Kernels kNeonDotKernels = {neon::packed_bytes, neon_dot::pack_weights, neon::scratch_bytes,
                                 neon_dot::convolve, neon::requantise,       neon::add,
                                 neon::square,       neon::normalise,        neon::shuffle};

}  // namespace residua::nn
