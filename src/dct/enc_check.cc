#include "dct/enc_check.h"

#include "dct/picture_coder.h"

namespace residua::dct {

void check(entropy::DecisionRelay::Follower& follower, std::span<const Component> components) {
    check_components(components);
    // As in decode().
    for (const Component& c : components)
        std::fill_n(c.coefficients, 64 * size_t(c.columns) * size_t(c.rows), int16_t{0});
    entropy::FollowingBitReader bits(follower);
    code_picture(bits, components);
    if (!follower.at_end())
        throw Error(ErrorCode::kInternal, "the entropy coder's proof failed; please report this picture");
}

}  // namespace residua::dct
