#include "dct/enc_coefficients.h"

#include "base/error.h"
#include "dct/picture_coder.h"

namespace residua::dct {

namespace {

struct BitWriter {
    std::vector<entropy::Interval>& intervals;

    int code(uint32_t share, int bit) {
        intervals.push_back(bit ? entropy::Interval{0, share}
                                : entropy::Interval{share, entropy::kProbabilityOne - share});
        return bit;
    }
};

}  // namespace

void encode(std::span<const ConstComponent> components, std::vector<entropy::Interval>& intervals) {
    check_components(components);
    for (const ConstComponent& c : components)
        for (size_t i = 0; i < 64 * size_t(c.columns) * size_t(c.rows); ++i)
            if (c.coefficients[i] < -kMaxCoefficient || c.coefficients[i] > kMaxCoefficient)
                throw Error(ErrorCode::kInvalidArgument, "a DCT coefficient is larger than any can be");
    BitWriter bits{intervals};
    code_picture(bits, components);
}

}  // namespace residua::dct
