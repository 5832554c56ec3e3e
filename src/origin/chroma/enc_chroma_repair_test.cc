#include "origin/chroma/enc_chroma_repair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/test_session.h"

namespace residua::codec {
namespace {

// Several bands of rows, the last one not whole.
constexpr int kWidth = 90, kHeight = 3 * 64 + 21;
const ChromaGrid kGrid = {Upsampling::kTriangle22, 1, 0};

// A picture out of smaller chroma, and that chroma with some samples wrong.
struct Made {
    std::vector<uint8_t> rgb, chroma;
    int wrong = 0;

    Made() {
        std::mt19937 random(3);
        const int columns = kGrid.width(kWidth), rows = kGrid.height(kHeight);
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < columns; ++x)
                for (int c = 0; c < 2; ++c)
                    chroma.push_back(static_cast<uint8_t>(
                        std::lround(128 + 40 * std::sin(0.1 * x + c) * std::cos(0.06 * y + 2 * c))));
        std::vector<uint8_t> row(2 * kWidth);
        for (int y = 0; y < kHeight; ++y) {
            upsample_row(kGrid, {chroma.data(), columns, rows, 2, 2 * columns}, kWidth, kHeight, y,
                         row.data());
            for (size_t x = 0; x < kWidth; ++x) {
                uint8_t triple[] = {static_cast<uint8_t>(100 + random() % 60), row[2 * x], row[2 * x + 1]};
                lattice_tables(PlaneColours::kJpeg).to_rgb(triple, triple);
                rgb.insert(rgb.end(), triple, triple + 3);
            }
        }
        for (size_t i = 0; i < chroma.size(); ++i)
            if (random() % 16 == 0) chroma[i] = static_cast<uint8_t>(chroma[i] + 1), ++wrong;
    }
    PictureView view() const { return {rgb.data(), kWidth, kHeight, 3, 3 * kWidth}; }
};

std::vector<uint8_t> mended(const Made& made, int threads) {
    TestSession work(threads);
    Picture chroma(work.allocator, kGrid.width(kWidth), kGrid.height(kHeight), 2);
    std::ranges::copy(made.chroma, chroma.samples.data());
    repair_chroma(made.view(), LatticeInverse(PlaneColours::kJpeg), kGrid, chroma, work.session);
    return {chroma.samples.data(), chroma.samples.data() + chroma.samples.size()};
}

int misfits(const Made& made, const std::vector<uint8_t>& chroma) {
    const LatticeInverse lattice(PlaneColours::kJpeg);
    const int columns = kGrid.width(kWidth), rows = kGrid.height(kHeight);
    std::vector<uint8_t> row(2 * kWidth);
    int count = 0;
    for (int y = 0; y < kHeight; ++y) {
        upsample_row(kGrid, {chroma.data(), columns, rows, 2, 2 * columns}, kWidth, kHeight, y, row.data());
        for (int x = 0; x < kWidth; ++x)
            count += lattice.misfit(made.view().row(y) + 3 * x, row[static_cast<size_t>(2 * x)],
                                    row[static_cast<size_t>(2 * x + 1)]) > 0;
    }
    return count;
}

TEST(EncChromaRepair, MendsAlikeWithAnyNumberOfThreads) {
    const Made made;
    const int before = misfits(made, made.chroma);
    EXPECT_GT(before, made.wrong);
    const std::vector<uint8_t> one = mended(made, 1);
    EXPECT_LT(misfits(made, one), before / 10);
    for (const int threads : {2, 5}) EXPECT_EQ(mended(made, threads), one) << threads;
}

}  // namespace
}  // namespace residua::codec
