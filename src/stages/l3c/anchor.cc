#include "stages/l3c/anchor.h"

#include <algorithm>

#include "entropy/mixture.h"

namespace residua::codec {

namespace {

constexpr int kLimit = entropy::kMaxOrigin;

// Of three neighbours, in 1/8: the half of `own` on the side of `before`; the other half is that with the
// neighbours exchanged. Both halves have the mean `own`: the parabola with the three means, averaged.
int half(int before, int own, int after) { return 8 * own + before - after; }

}  // namespace

Anchor::Values Anchor::interpolated_in_height(int y, int column) const {
    const int row = y / 2;
    const int above = std::max(row - 1, 0), below = std::min(row + 1, z_.height - 1);
    const int x = std::clamp(column, 0, z_.width - 1) * z_.channels;
    const uint8_t* before = z_.row(y % 2 ? below : above) + x;
    const uint8_t* own = z_.row(row) + x;
    const uint8_t* after = z_.row(y % 2 ? above : below) + x;
    Values values{};
    for (int c = 0; c < std::min(models::kAnchoredChannels, z_.channels); ++c)
        values[static_cast<size_t>(c)] = half(before[c], own[c], after[c]) - 8 * 128;
    return values;
}

void Anchor::row(int y, int x, int pixels, int16_t* origin) const {
    int column = x / 2;
    Values left = interpolated_in_height(y, column - 1);
    Values own = interpolated_in_height(y, column);
    Values right = interpolated_in_height(y, column + 1);
    for (int i = 0; i < pixels; ++i, origin += channels_) {
        if ((x + i) / 2 != column) {
            ++column;
            left = own;
            own = right;
            right = interpolated_in_height(y, column + 1);
        }
        const bool second = (x + i) % 2;
        Values value;
        for (size_t c = 0; c < value.size(); ++c) {
            const int sum = second ? half(right[c], own[c], left[c]) : half(left[c], own[c], right[c]);
            value[c] = (sum * steps_[c] + 32) >> 6;  // of 1/64 · 1/64
        }
        if (colours_) value = {value[0] + value[1], value[0], value[0] + value[2]};
        for (int c = 0; c < channels_; ++c)
            origin[c] = static_cast<int16_t>(c < models::kAnchoredChannels
                                                 ? std::clamp(value[static_cast<size_t>(c)], -kLimit, kLimit)
                                                 : 0);
    }
}

}  // namespace residua::codec
