#include "dct/dec_coefficients.h"

#include <utility>

#include "base/error.h"
#include "dct/picture_coder.h"
#include "entropy/code_length.h"
#include "entropy/dec_bits.h"

namespace residua::dct {

namespace {

// A type of its own, so that nothing is counted where nobody wants to know.
struct CountingReader {
    entropy::BitReader reader;
    uint32_t length = 0;

    int code(uint32_t share, int bit) {
        bit = reader.code(share, bit);
        length += entropy::code_length_units(bit ? share : entropy::kProbabilityOne - share);
        return bit;
    }
};

}  // namespace

void decode(entropy::RansDecoder& decoder, std::span<const Component> components,
            std::span<uint32_t* const> lengths) {
    check_components(components);
    if (decoder.lanes() != 1)
        throw Error(ErrorCode::kCorrupt, "a stream of DCT coefficients has several lanes");
    // The coder counts coefficients that are not 0 before it
    // codes them, which only means something to an encoder.
    for (const Component& c : components)
        std::fill_n(c.coefficients, 64 * size_t(c.columns) * size_t(c.rows), int16_t{0});
    entropy::BitReader bits{decoder};
    if (lengths.empty()) return code_picture(bits, components);
    CountingReader counting{bits};
    code_picture(counting, components, [&](size_t component, size_t block) {
        lengths[component][block] = std::exchange(counting.length, 0);
    });
}

}  // namespace residua::dct
