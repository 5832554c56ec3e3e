#include "dct/enc_coefficients.h"

#include "base/error.h"
#include "dct/picture_coder.h"
#include "entropy/enc_bits.h"

namespace residua::dct {

namespace {

void check_coefficients(std::span<const ConstComponent> components) {
    check_components(components);
    for (const ConstComponent& c : components)
        for (size_t i = 0; i < 64 * size_t(c.columns) * size_t(c.rows); ++i)
            if (c.coefficients[i] < -kMaxCoefficient || c.coefficients[i] > kMaxCoefficient)
                throw Error(ErrorCode::kInvalidArgument, "a DCT coefficient is larger than any can be");
}

}  // namespace

void encode(std::span<const ConstComponent> components, std::vector<entropy::Interval>& intervals) {
    check_coefficients(components);
    entropy::BitWriter bits{intervals};
    code_picture(bits, components);
}

void encode(std::span<const ConstComponent> components, std::vector<entropy::Interval>& intervals,
            entropy::DecisionRelay& relay) {
    check_coefficients(components);
    entropy::RelayedBitWriter bits(intervals, relay);
    code_picture(bits, components);
}

}  // namespace residua::dct
