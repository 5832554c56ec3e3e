#include "codec/anchor.h"

#include <algorithm>

#include "entropy/mixture.h"

namespace residua::codec {

namespace {

constexpr int kAnchoredChannels = 3;
constexpr int kLimit = entropy::kMaxOrigin;
constexpr int kShift = 4;  // the weights 9, 3, 3, 1 are of 16

// The sample that lies nearest to sample i of twice the size, and the next one on the side where i lies.
struct Neighbours {
    Neighbours(int i, int size) : near(i / 2), far(std::clamp(i / 2 + (i % 2 ? 1 : -1), 0, size - 1)) {}
    int near, far;
};

}  // namespace

void Anchor::row(int y, int x, int pixels, int16_t* origin) const {
    const Neighbours rows(y, z_.height);
    const uint8_t* near_row = z_.row(rows.near);
    const uint8_t* far_row = z_.row(rows.far);
    const int anchored = std::min(kAnchoredChannels, z_.channels);
    for (int i = 0; i < pixels; ++i, origin += channels_) {
        const Neighbours columns(x + i, z_.width);
        const ptrdiff_t near = static_cast<ptrdiff_t>(columns.near) * z_.channels;
        const ptrdiff_t far = static_cast<ptrdiff_t>(columns.far) * z_.channels;
        int value[kAnchoredChannels] = {};  // 0 for channels that z does not have
        for (int c = 0; c < anchored; ++c) {
            const int sum = 9 * near_row[near + c] + 3 * near_row[far + c] + 3 * far_row[near + c] +
                            far_row[far + c] - 16 * 128;
            value[c] = (sum * scale_ + (1 << (kShift - 1))) >> kShift;
        }
        if (differences_) {
            const int green = value[0];
            value[0] = green + value[1];
            value[1] = green;
            value[2] += green;
        }
        for (int c = 0; c < channels_; ++c)
            origin[c] =
                static_cast<int16_t>(c < kAnchoredChannels ? std::clamp(value[c], -kLimit, kLimit) : 0);
    }
}

}  // namespace residua::codec
