#include "data/photo_cd.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace residua::train {

namespace {

constexpr double kLumaStep = 1.3584, kC1Step = 2.2179, kC2Step = 1.8215;
constexpr int kGreyC1 = 156, kGreyC2 = 137;

uint8_t byte(double value) { return static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L)); }

// Of 10000ths.
int rounded_down(int value) { return (value + 100000000) / 10000 - 10000; }

void to_rgb(int luma, int c1, int c2, uint8_t* rgb) {
    const int grey = 13584 * luma, blue = 22179 * (c1 - kGreyC1), red = 18215 * (c2 - kGreyC2);
    const int green = grey - 1940 * rounded_down(blue) - 5090 * rounded_down(red);
    const int sums[] = {grey + red, green, grey + blue};
    for (int c = 0; c < 3; ++c) rgb[c] = static_cast<uint8_t>(std::clamp(rounded_down(sums[c]), 0, 255));
}

}  // namespace

void make_photo_cd(Photo& photo) {
    const int width = photo.width, height = photo.height;
    const int columns = (width + 1) / 2, rows = (height + 1) / 2;
    const auto at = [&](int y, int x) {
        return photo.rgb.data() +
               3 * (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x));
    };
    const auto luma = [](double r, double g, double b) { return 0.299 * r + 0.587 * g + 0.114 * b; };
    std::vector<uint8_t> chroma;  // the mean of 2 × 2 pixels
    chroma.reserve(static_cast<size_t>(rows) * static_cast<size_t>(columns) * 2);
    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < columns; ++x) {
            double mean[3] = {};
            for (const int dy : {0, 1})
                for (const int dx : {0, 1})
                    for (int c = 0; c < 3; ++c)
                        mean[c] +=
                            at(std::min(2 * y + dy, height - 1), std::min(2 * x + dx, width - 1))[c] / 4.0;
            const double grey = luma(mean[0], mean[1], mean[2]);
            chroma.push_back(byte((mean[2] - grey) / kC1Step + kGreyC1));
            chroma.push_back(byte((mean[0] - grey) / kC2Step + kGreyC2));
        }
    // Linear between the samples, which lie on even pixels.
    const auto sample = [&](int y, int x, int c) {
        const auto row = static_cast<size_t>(std::min(y, rows - 1)),
                   column = static_cast<size_t>(std::min(x, columns - 1));
        return int{chroma[2 * (row * static_cast<size_t>(columns) + column) + static_cast<size_t>(c)]};
    };
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            uint8_t* pixel = at(y, x);
            int pair[2];
            for (int c = 0; c < 2; ++c) {
                const int v = y / 2, u = x / 2, below = (y + 1) / 2, right = (x + 1) / 2;
                pair[c] = (sample(v, u, c) + sample(v, right, c) + sample(below, u, c) +
                           sample(below, right, c) + 2) /
                          4;
            }
            to_rgb(byte((luma(pixel[0], pixel[1], pixel[2]) + 0.5) / kLumaStep), pair[0], pair[1], pixel);
        }
}

}  // namespace residua::train
