// What a picture's channels are.
#pragma once

#include <cstdint>

namespace residua {

enum class Colour : uint8_t { kGrey = 1, kRgb = 2, kCmyk = 3 };  // as residua_colour

constexpr int kMostPictureChannels = 5;

struct PictureKind {
    Colour colour = Colour::kRgb;
    bool alpha = false;  // the last channel
    int bits = 8;        // of a sample, 1 … 16

    constexpr int colour_channels() const {
        return colour == Colour::kGrey ? 1 : colour == Colour::kRgb ? 3 : 4;
    }
    constexpr int channels() const { return colour_channels() + (alpha ? 1 : 0); }
    constexpr int sample_bytes() const { return bits > 8 ? 2 : 1; }
    constexpr int largest() const { return (1 << bits) - 1; }
    // What files of kinds 0 … 2 hold.
    constexpr bool is_plain() const { return bits == 8 && !alpha && colour != Colour::kCmyk; }

    friend bool operator==(const PictureKind&, const PictureKind&) = default;
};

}  // namespace residua
