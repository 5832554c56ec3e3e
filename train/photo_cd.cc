#include "photo_cd.h"

#include <algorithm>
#include <cmath>

#include "codec/chroma_upsampling.h"
#include "codec/colour_lattice.h"

namespace residua::train {

namespace {

constexpr double kLumaStep = 1.3584, kC1Step = 2.2179, kC2Step = 1.8215;
constexpr int kGreyC1 = 156, kGreyC2 = 137;

uint8_t byte(double value) { return static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L)); }

}  // namespace

void make_photo_cd(Photo& photo) {
    using codec::ChromaGrid;
    const ChromaGrid grid = {codec::Upsampling::kPhotoCd, 0, 0};
    const int width = photo.width, height = photo.height;
    const int columns = grid.width(width), rows = grid.height(height);
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
    const PictureView view = {chroma.data(), columns, rows, 2, ptrdiff_t{columns} * 2};
    const codec::LatticeTables& tables = codec::lattice_tables(codec::PlaneColours::kPhotoCd);
    std::vector<uint8_t> pairs(static_cast<size_t>(width) * 2);
    for (int y = 0; y < height; ++y) {
        codec::upsample_row(grid, view, width, height, y, pairs.data());
        for (int x = 0; x < width; ++x) {
            uint8_t* pixel = at(y, x);
            const uint8_t triple[] = {byte((luma(pixel[0], pixel[1], pixel[2]) + 0.5) / kLumaStep),
                                      pairs[static_cast<size_t>(2 * x)],
                                      pairs[static_cast<size_t>(2 * x + 1)]};
            tables.to_rgb(triple, pixel);
        }
    }
}

}  // namespace residua::train
