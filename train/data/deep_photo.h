// Pictures of more than 8 bits, made of photographs of 8 bits: what cameras, microscopes, scanners of medicine and
// elevation models give is like them in depth, noise, smoothness and relation of channels.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "data/photo.h"

namespace residua::train {

struct DeepPhoto {
    int width = 0, height = 0;
    int channels = 0;               // 1 or 3
    int bits = 0;                   // 10 … 16
    std::vector<uint16_t> samples;  // [height][width][channels]
};

// A part of the photograph, downscaled in linear light by a random factor; `window` pixels wide and high, or
// less. Which of the kinds it becomes, and its noise, are drawn from `random`.
DeepPhoto make_deep_photo(const Photo& photo, int window, std::mt19937_64& random);

}  // namespace residua::train
