#include "stages/rc/network_input.h"

#include <algorithm>

#include "image/padding.h"

namespace residua::codec {

namespace {

using models::kRcChannels;

constexpr int kReach = 2;  // of the binomial filter
constexpr int kDetailShift = 11;

}  // namespace

NetworkInput::NetworkInput(const FineView& lossy, models::Conditioning conditioning, int align)
    : lossy_(lossy),
      channels_(models::input_channels(conditioning)),
      width_(padded(lossy.width, align)),
      height_(padded(lossy.height, align)),
      sums_(static_cast<size_t>(lossy.width + 2 * kReach) * static_cast<size_t>(lossy.channels)) {}

void NetworkInput::row(int y, uint8_t* out) {
    y = reflected(y, lossy_.height);
    fill_pixels(y, out);
    if (channels_ > kRcChannels) fill_detail(y, out);
    reflect_columns(out, lossy_.width, width_, channels_);
}

void NetworkInput::fill_pixels(int y, uint8_t* out) const {
    const uint16_t* fine = lossy_.row(y);
    const int step = lossy_.channels == 1 ? 0 : 1;
    for (int x = 0; x < lossy_.width; ++x)
        for (int c = 0; c < kRcChannels; ++c)
            out[x * channels_ + c] = round_fine(fine[x * lossy_.channels + c * step]);
}

void NetworkInput::fill_detail(int y, uint8_t* out) {
    const uint16_t* rows[2 * kReach + 1];
    for (int i = -kReach; i <= kReach; ++i)
        rows[i + kReach] = lossy_.row(std::clamp(y + i, 0, lossy_.height - 1));
    const int channels = lossy_.channels;
    const int samples = lossy_.width * channels;
    int32_t* sums = sums_.data() + kReach * channels;
    for (int i = 0; i < samples; ++i)
        sums[i] = rows[0][i] + rows[4][i] + 4 * (rows[1][i] + rows[3][i]) + 6 * rows[2][i];
    for (int i = 0; i < kReach * channels; ++i) {
        sums[i - kReach * channels] = sums[i % channels];
        sums[samples + i] = sums[samples - channels + i % channels];
    }
    const int step = channels == 1 ? 0 : 1;
    for (int x = 0; x < lossy_.width; ++x) {
        for (int c = 0; c < kRcChannels; ++c) {
            const int i = x * channels + c * step;
            const int32_t blurred = sums[i - 2 * channels] + sums[i + 2 * channels] +
                                    4 * (sums[i - channels] + sums[i + channels]) + 6 * sums[i];
            const int32_t detail =
                (256 * rows[kReach][i] - blurred + (1 << (kDetailShift - 1))) >> kDetailShift;
            out[x * channels_ + kRcChannels + c] = static_cast<uint8_t>(std::clamp(detail, -128, 127) + 128);
        }
    }
}

}  // namespace residua::codec
