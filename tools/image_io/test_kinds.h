// Pictures of every kind, for the tests of writers and readers.
#pragma once

#include <algorithm>
#include <string>

#include "image_io/bytes.h"
#include "image_io/directory.h"
#include "image_io/writer.h"

namespace image_io {

// All values that `bits` has occur where the picture is large enough, the last one too.
inline Image make_image(uint32_t width, uint32_t height, Colour colour, bool alpha, uint32_t bits) {
    Image image;
    image.set_size(width, height);
    image.set_kind(colour, alpha, bits);
    uint32_t noise = bits + 1;
    for (size_t i = 0; i < size_t{width} * height * image.channels(); ++i) {
        noise = noise * 1664525 + 1013904223;
        const uint32_t largest = (uint32_t{1} << bits) - 1;
        const auto value = static_cast<uint16_t>(i % 5 == 0 ? largest : noise >> 9 & largest);
        image.pixels.push_back(static_cast<uint8_t>(value));
        if (bits <= 8) continue;
        uint8_t bytes[2];
        std::copy_n(reinterpret_cast<const uint8_t*>(&value), 2, bytes);
        image.pixels.back() = bytes[0];
        image.pixels.push_back(bytes[1]);
    }
    return image;
}

// The samples as numbers.
inline std::vector<uint32_t> numbers_of(const Image& image) {
    std::vector<uint32_t> numbers;
    for (size_t i = 0; i < image.pixels.size(); i += image.sample_bytes()) {
        uint16_t value = image.pixels[i];
        if (image.bits > 8) std::copy_n(image.pixels.data() + i, 2, reinterpret_cast<uint8_t*>(&value));
        numbers.push_back(value);
    }
    return numbers;
}

// The writer's file, made `step` rows at a time.
inline std::vector<uint8_t> write_by(const Image& image, OutputFormat format, uint32_t step) {
    std::vector<uint8_t> bytes;
    const auto writer = make_writer(image, format, [&](std::span<const uint8_t> part) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    });
    for (uint32_t y = 0; y < image.height; y += step)
        writer->write(std::min(step, image.height - y), image.pixels.data() + y * image.row_bytes());
    return bytes;
}

// A field as "tiff:NNN" holds it.
inline void add_field(Description& image, const Field& field) {
    std::vector<uint8_t> bytes;
    put_little(bytes, field.type, 2);
    put_little(bytes, field.count, 4);
    bytes.insert(bytes.end(), field.values.begin(), field.values.end());
    image.add("tiff:" + std::to_string(field.tag), bytes);
}

}  // namespace image_io
