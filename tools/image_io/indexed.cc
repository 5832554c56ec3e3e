#include "image_io/indexed.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "image_io/bytes.h"
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
    IndexedColours palette{{}, bits, "png:PLTE"};
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
    IndexedColours palette{{}, static_cast<uint32_t>(std::countr_zero(count)), "tiff:320"};
    // Some files have the 8 bits of their colours in the lower half.
    bool low = true;
    for (size_t i = 1; i < field->values.size(); i += 2) low &= field->values[i] == 0;
    const auto value = [&](size_t i) {
        uint16_t number = 0;
        std::memcpy(&number, field->values.data() + 2 * i, 2);
        if constexpr (std::endian::native == std::endian::big)
            number = static_cast<uint16_t>(number >> 8 | number << 8);
        return image.bits == 8 && !low ? static_cast<uint16_t>(number >> 8) : number;
    };
    for (size_t i = 0; i < count; ++i)
        palette.colours.push_back({value(i), value(count + i), value(2 * count + i), 0});
    return palette;
}

// What no index of 1, 2, 4 or 8 bits can mean otherwise: a number beyond the colours is black.
void finish(IndexedColours& palette, bool alpha) {
    const std::array<uint16_t, 4> black = {0, 0, 0, static_cast<uint16_t>(alpha ? 255 : 0)};
    if (palette.colours.size() < 256 && std::ranges::count(palette.colours, black) == 0)
        palette.colours.push_back(black);
    palette.bits = 1;
    while (size_t{1} << palette.bits < palette.colours.size()) palette.bits *= 2;
}

IndexedColours palette_of_gif(const Description& image) {
    const std::span<const uint8_t> frame = image.find("gif:frame"), control = image.find("gif:F9");
    constexpr size_t kFrameSize = 9, kControlSize = 5;
    // Where it does not fill the screen, the rest has no colour.
    if (frame.size() != kFrameSize || little16(frame.data()) != 0 || little16(frame.data() + 2) != 0 ||
        little16(frame.data() + 4) != image.width || little16(frame.data() + 6) != image.height)
        return {};
    IndexedColours palette{{}, 0, image.has("gif:frame-palette") ? "gif:frame-palette" : "gif:palette"};
    const std::span<const uint8_t> colours = image.find(palette.name);
    if (image.bits != 8 || colours.empty() || colours.size() % 3 != 0 || colours.size() > 3 * 256) return {};
    const bool has_transparent = control.size() >= kControlSize && (control[1] & 1);
    for (size_t i = 0; i < colours.size() / 3; ++i) {
        const bool transparent = has_transparent && control[4] == i;
        const uint16_t alpha = image.alpha && !transparent ? 255 : 0;
        palette.colours.push_back({colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], alpha});
    }
    finish(palette, image.alpha);
    return palette;
}

IndexedColours palette_of_bmp(const Description& image) {
    const std::span<const uint8_t> header = image.find("bmp:header"), colours = image.find("bmp:palette");
    constexpr size_t kFileHeader = 14, kOldHeader = 12;
    if (header.size() < kFileHeader + 4 || image.bits != 8 || image.alpha) return {};
    const size_t entry = little32(header.data() + kFileHeader) == kOldHeader ? 3 : 4;
    if (colours.empty() || colours.size() % entry != 0 || colours.size() > entry * 256) return {};
    IndexedColours palette{{}, 0, "bmp:palette"};
    for (size_t i = 0; i < colours.size(); i += entry)
        palette.colours.push_back({colours[i + 2], colours[i + 1], colours[i], 0});
    finish(palette, false);
    return palette;
}

}  // namespace

IndexedColours palette_of(const Description& image) {
    if (image.colour != Colour::kRgb) return {};
    for (const auto of_format : {palette_of_png, palette_of_tiff, palette_of_gif, palette_of_bmp})
        if (IndexedColours palette = of_format(image)) return palette;
    return {};
}

std::vector<uint8_t> png_colours(const IndexedColours& palette) {
    std::vector<uint8_t> bytes;
    for (const auto& colour : palette.colours)
        for (size_t c = 0; c < 3; ++c) bytes.push_back(static_cast<uint8_t>(colour[c]));
    return bytes;
}

std::vector<uint8_t> png_opacity(const IndexedColours& palette) {
    std::vector<uint8_t> bytes;
    size_t end = 0;
    for (const auto& colour : palette.colours) {
        bytes.push_back(static_cast<uint8_t>(colour[3]));
        if (colour[3] < 255) end = bytes.size();
    }
    bytes.resize(end);
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
    : name_(palette.name),
      width_(image.width),
      channels_(image.channels()),
      wide_(image.bits > 8),
      row_(image.width) {
    const auto add = [&](const std::array<uint16_t, 4>& colour, size_t index) {
        uint64_t key = 0;
        for (uint32_t c = 0; c < channels_; ++c) key = key << 16 | colour[c];
        indices_.emplace(key, static_cast<uint16_t>(index));
    };
    const size_t count = palette.colours.size();
    for (size_t i = 0; i < count; ++i) add(palette.colours[i], i);
    if (count < size_t{1} << palette.bits) add({0, 0, 0, 255}, count);
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
                    "can be written: residua metadata strip FILE " +
                    name_);
            last = key;
            index = found->second;
        }
        row_[x] = index;
    }
    return row_;
}

}  // namespace image_io
