// Pictures that tests and the fuzzer's corpus write.
#pragma once

#include "image_io/image.h"
#include "image_io/writer.h"

namespace image_io {

// 8 bits, grey or RGB.
inline Image test_image(uint32_t width, uint32_t height, uint32_t channels, std::vector<uint8_t> pixels = {},
                        std::span<const uint8_t> icc = {}, std::span<const uint8_t> exif = {},
                        std::span<const uint8_t> xmp = {}) {
    Image image;
    image.set_size(width, height);
    image.set_kind(channels == 1 ? Colour::kGrey : Colour::kRgb, false, 8);
    image.add("icc", icc);
    image.add("exif", exif);
    image.add("xmp", xmp);
    image.pixels = std::move(pixels);
    return image;
}

}  // namespace image_io
