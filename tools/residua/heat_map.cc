#include "heat_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "picture.h"

namespace tool {

namespace {

// In the manner of viridis (Smith and van der Walt, 2015): dark to bright, blue to yellow, equal steps to the
// eye, also to one that is blind to red and green, and in grey. Computed for this program in Björn Ottosson's
// Oklab (2020): points at equal distances on a path whose lightness rises evenly from 0.22 to 0.94 while its
// hue falls evenly from 305 to 105 degrees, as colourful as sRGB allows. Between them lie straight lines.
constexpr std::array<std::array<uint8_t, 3>, 17> kColours = {{{39, 2, 65},
                                                              {42, 18, 88},
                                                              {40, 35, 109},
                                                              {32, 55, 122},
                                                              {28, 74, 125},
                                                              {24, 92, 132},
                                                              {19, 110, 140},
                                                              {24, 128, 146},
                                                              {39, 145, 149},
                                                              {55, 163, 151},
                                                              {72, 180, 150},
                                                              {88, 196, 143},
                                                              {106, 211, 128},
                                                              {135, 222, 104},
                                                              {175, 231, 78},
                                                              {216, 236, 66},
                                                              {254, 241, 67}}};

// share: 0 … 1
void paint(double share, uint8_t* to) {
    const double at = share * (kColours.size() - 1);
    const size_t below = std::min(static_cast<size_t>(at), kColours.size() - 2);
    const double part = at - static_cast<double>(below);
    for (size_t c = 0; c < 3; ++c)
        to[c] = static_cast<uint8_t>(
            std::lround(kColours[below][c] + part * (kColours[below + 1][c] - kColours[below][c])));
}

}  // namespace

HeatMap::HeatMap(uint32_t width, uint32_t height, uint64_t memory_limit) : width_(width), height_(height) {
    const uint64_t pixels = uint64_t{width} * height;
    image_io::check_memory(pixels * sizeof(float), memory_limit);
    bits_.resize(pixels);
}

void HeatMap::add(uint32_t first_row, uint32_t rows, uint32_t channels, const float* bits) {
    float* to = bits_.data() + size_t{first_row} * width_;
    for (size_t i = 0; i < size_t{rows} * width_; ++i)
        for (uint32_t c = 0; c < channels; ++c) to[i] += *bits++;
}

double HeatMap::high_end() const {
    const float most = *std::max_element(bits_.begin(), bits_.end());
    if (!(most > 0)) return 1;
    // The 99.5th percentile, to 1/4096 of the largest.
    std::vector<uint64_t> counts(4096);
    for (const float bits : bits_) {
        const auto bin = static_cast<size_t>(bits / most * static_cast<float>(counts.size()));
        ++counts[std::min(bin, counts.size() - 1)];
    }
    uint64_t above = 0;
    size_t bin = counts.size();
    while (bin > 1 && (above + counts[bin - 1]) * 200 <= bits_.size()) above += counts[--bin];
    return static_cast<double>(most) * static_cast<double>(bin) / static_cast<double>(counts.size());
}

void HeatMap::write(App& app, const std::string& output, double end) const {
    residua_image image = RESIDUA_INIT(residua_image);
    image.width = width_;
    image.height = height_;
    image.bits = 8;
    image.colour = RESIDUA_COLOUR_RGB;
    FileOutput file(app.context(), output, app.options().force);
    PictureOutput picture(app, file, image, output);
    std::vector<uint8_t> row(size_t{width_} * 3);
    for (uint32_t y = 0; y < height_; ++y) {
        const float* bits = bits_.data() + size_t{y} * width_;
        for (uint32_t x = 0; x < width_; ++x)
            paint(std::clamp(bits[x] / end, 0.0, 1.0), row.data() + size_t{x} * 3);
        picture.write(1, row.data());
    }
    finish(app, file, output);
}

}  // namespace tool
