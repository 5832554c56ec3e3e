#include "dct/enc_coefficients.h"

#include "base/error.h"
#include "dct/picture_coder.h"
#include "entropy/enc_bits.h"

namespace residua::dct {

void encode(std::span<const ConstComponent> components, std::vector<entropy::Interval>& intervals) {
    check_components(components);
    for (const ConstComponent& c : components)
        for (size_t i = 0; i < 64 * size_t(c.columns) * size_t(c.rows); ++i)
            if (c.coefficients[i] < -kMaxCoefficient || c.coefficients[i] > kMaxCoefficient)
                throw Error(ErrorCode::kInvalidArgument, "a DCT coefficient is larger than any can be");
    entropy::BitWriter bits{intervals};
    code_picture(bits, components);
}

}  // namespace residua::dct
