#include "planes/jpeg_colour.h"

#include <algorithm>
#include <cstring>

namespace residua::codec {

namespace {

constexpr int kFractionBits = 16;
constexpr int32_t kHalf = 1 << (kFractionBits - 1);
constexpr int32_t fixed(double factor) {
    return static_cast<int32_t>(factor * (1 << kFractionBits) + 0.5);  // NOLINT: exact at compile time
}

// What a value of chroma adds to red, green (not yet rounded) and blue.
struct ChromaTables {
    std::array<int32_t, 256> cr_red{}, cr_green{}, cb_green{}, cb_blue{};
};
constexpr ChromaTables chroma_tables() {
    ChromaTables tables;
    for (int32_t i = 0; i < 256; ++i) {
        const auto at = static_cast<size_t>(i);
        const int32_t x = i - 128;
        tables.cr_red[at] = (fixed(1.40200) * x + kHalf) >> kFractionBits;
        tables.cb_blue[at] = (fixed(1.77200) * x + kHalf) >> kFractionBits;
        tables.cr_green[at] = -fixed(0.71414) * x;
        tables.cb_green[at] = -fixed(0.34414) * x + kHalf;
    }
    return tables;
}
constexpr ChromaTables kChroma = chroma_tables();

uint8_t limited(int32_t value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

// Pixels of kComponents values, the first three of them RGB or, where kInverted, 255 − RGB.
template <int kComponents, bool kInverted>
void from_ycc(const JpegRow& from, int width, uint8_t* to) {
    const auto put = [](int32_t value) { return limited(kInverted ? 255 - value : value); };
    for (int x = 0; x < width; ++x, to += kComponents) {
        const int32_t luma = from[0][x];
        const size_t cb = from[1][x], cr = from[2][x];
        to[0] = put(luma + kChroma.cr_red[cr]);
        to[1] = put(luma + ((kChroma.cb_green[cb] + kChroma.cr_green[cr]) >> kFractionBits));
        to[2] = put(luma + kChroma.cb_blue[cb]);
        if constexpr (kComponents == 4) to[3] = from[3][x];
    }
}

template <int kComponents>
void as_stored(const JpegRow& from, int width, uint8_t* to) {
    for (int x = 0; x < width; ++x)
        for (size_t k = 0; k < kComponents; ++k) *to++ = from[k][x];
}

}  // namespace

JpegColour jpeg_colour(const jpeg::Frame& frame) {
    const jpeg::ColourMarks& marks = frame.marks;
    if (frame.components.size() == 4)
        return !marks.adobe_transform || *marks.adobe_transform == 0 ? JpegColour::kAsStored
                                                                     : JpegColour::kYcck;
    if (frame.components.size() != 3) return JpegColour::kAsStored;
    if (marks.jfif) return JpegColour::kYcc;
    if (marks.adobe_transform) return *marks.adobe_transform == 0 ? JpegColour::kAsStored : JpegColour::kYcc;
    const bool rgb =
        frame.components[0].id == 'R' && frame.components[1].id == 'G' && frame.components[2].id == 'B';
    return rgb ? JpegColour::kAsStored : JpegColour::kYcc;
}

void jpeg_pixels(JpegColour colour, int components, const JpegRow& from, int width, uint8_t* to) {
    if (colour == JpegColour::kYcc) return from_ycc<3, false>(from, width, to);
    if (colour == JpegColour::kYcck) return from_ycc<4, true>(from, width, to);
    if (components == 1)
        std::memcpy(to, from[0], static_cast<size_t>(width));
    else if (components == 3)
        as_stored<3>(from, width, to);
    else
        as_stored<4>(from, width, to);
}

}  // namespace residua::codec
