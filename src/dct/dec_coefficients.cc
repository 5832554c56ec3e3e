#include "dct/dec_coefficients.h"

#include "base/error.h"
#include "dct/picture_coder.h"

namespace residua::dct {

namespace {

struct BitReader {
    entropy::RansDecoder& decoder;

    int code(uint32_t share, int) {
        const bool bit = decoder.slot(0) < share;
        decoder.advance(0, bit ? entropy::Interval{0, share}
                               : entropy::Interval{share, entropy::kProbabilityOne - share});
        return bit;
    }
};

}  // namespace

void decode(entropy::RansDecoder& decoder, std::span<const Component> components) {
    check_components(components);
    if (decoder.lanes() != 1)
        throw Error(ErrorCode::kCorrupt, "a stream of DCT coefficients has several lanes");
    // The coder counts coefficients that are not 0 before it
    // codes them, which only means something to an encoder.
    for (const Component& c : components)
        std::fill_n(c.coefficients, 64 * size_t(c.columns) * size_t(c.rows), int16_t{0});
    BitReader bits{decoder};
    code_picture(bits, components);
}

}  // namespace residua::dct
