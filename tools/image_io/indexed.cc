#include "image_io/indexed.h"

#include <bit>
#include <cstring>

#include "image_io/translate.h"

namespace image_io {

namespace {

IndexedColours palette_of_png(const Description& image) {
    const std::span<const uint8_t> header = image.find("png:IHDR"), colours = image.find("png:PLTE"),
                                   opacity = image.find("png:tRNS");
    constexpr size_t kHeaderSize = 13;
    constexpr uint8_t kIndexed = 3;
    if (header.size() != kHeaderSize || header[9] != kIndexed || image.bits != 8) return {};
    const uint32_t bits = header[8];
    if ((bits != 1 && bits != 2 && bits != 4 && bits != 8) || colours.empty() || colours.size() % 3 != 0 ||
        colours.size() / 3 > size_t{1} << bits || opacity.size() > colours.size() / 3)
        return {};
    IndexedColours palette{{}, bits};
    for (size_t i = 0; i < colours.size() / 3; ++i) {
        const uint8_t* rgb = colours.data() + 3 * i;
        const uint16_t alpha = !image.alpha ? 0 : i < opacity.size() ? opacity[i] : 255;
        palette.colours.push_back({rgb[0], rgb[1], rgb[2], alpha});
    }
    return palette;
}

IndexedColours palette_of_tiff(const Description& image) {
    const std::optional<Field> field = tiff_field(image, tag::kPalette);
    if (!field || field->type != kShort || field->count % 3 != 0 || image.alpha) return {};
    const auto count = static_cast<size_t>(field->count / 3);
    if (!std::has_single_bit(count) || count < 2 || count > 65536) return {};
    IndexedColours palette{{}, static_cast<uint32_t>(std::countr_zero(count))};
    const auto value = [&](size_t i) {
        uint16_t number = 0;
        std::memcpy(&number, field->values.data() + 2 * i, 2);
        if constexpr (std::endian::native == std::endian::big)
            number = static_cast<uint16_t>(number >> 8 | number << 8);
        return image.bits == 8 ? static_cast<uint16_t>(number >> 8) : number;
    };
    for (size_t i = 0; i < count; ++i)
        palette.colours.push_back({value(i), value(count + i), value(2 * count + i), 0});
    return palette;
}

}  // namespace

IndexedColours palette_of(const Description& image) {
    if (image.colour != Colour::kRgb) return {};
    const IndexedColours palette = palette_of_png(image);
    return palette ? palette : palette_of_tiff(image);
}

std::vector<uint8_t> png_colours(const IndexedColours& palette) {
    std::vector<uint8_t> bytes;
    for (const auto& colour : palette.colours)
        for (size_t c = 0; c < 3; ++c) bytes.push_back(static_cast<uint8_t>(colour[c]));
    return bytes;
}

std::vector<uint16_t> tiff_colours(const IndexedColours& palette, uint32_t bits) {
    const size_t count = size_t{1} << palette.bits;
    std::vector<uint16_t> values(3 * count);
    for (size_t i = 0; i < palette.colours.size(); ++i)
        for (size_t c = 0; c < 3; ++c)
            values[c * count + i] =
                bits == 8 ? static_cast<uint16_t>(palette.colours[i][c] * 257) : palette.colours[i][c];
    return values;
}

IndexMap::IndexMap(const Description& image, const IndexedColours& palette)
    : width_(image.width), channels_(image.channels()), wide_(image.bits > 8), row_(image.width) {
    for (size_t i = 0; i < palette.colours.size(); ++i) {
        uint64_t key = 0;
        for (uint32_t c = 0; c < channels_; ++c) key = key << 16 | palette.colours[i][c];
        indices_.emplace(key, static_cast<uint16_t>(i));
    }
}

std::span<const uint16_t> IndexMap::row(const uint8_t* pixels) {
    uint64_t last = ~uint64_t{0};  // runs are long in such pictures
    uint16_t index = 0;
    for (uint32_t x = 0; x < width_; ++x) {
        uint64_t key = 0;
        for (uint32_t c = 0; c < channels_; ++c) {
            const size_t i = size_t{x} * channels_ + c;
            uint16_t value = pixels[i];
            if (wide_) std::memcpy(&value, pixels + 2 * i, 2);
            key = key << 16 | value;
        }
        if (key != last || x == 0) {
            const auto found = indices_.find(key);
            if (found == indices_.end())
                unsupported(
                    "the palette among the metadata lacks a colour of the picture; without it the picture "
                    "can "
                    "be written (residua metadata strip FILE png:PLTE tiff:320)");
            last = key;
            index = found->second;
        }
        row_[x] = index;
    }
    return row_;
}

}  // namespace image_io
