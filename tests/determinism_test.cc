// The same bytes for any number of threads, and whatever was coded before.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <residua/research.hpp>
#include <string>
#include <vector>

#include "codec/test_blocks.h"
#include "planes/chroma_upsampling.h"
#include "planes/colour_lattice.h"
#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

constexpr int kWidth = 130, kHeight = 280;  // more rows than a band of the search for chroma has
constexpr size_t kThreads[] = {1, 2, 3, 7};

TestPicture of_pixels(std::vector<uint8_t> pixels) { return {kWidth, kHeight, 3, std::move(pixels)}; }

// As a decoder makes it from chroma of fewer samples. So bright that a part of it is clamped, in few colours:
// there the encoder has to guess what the chroma was.
TestPicture bright_picture(codec::PlaneColours colours, codec::Upsampling upsampling) {
    const codec::ChromaGrid grid = {upsampling, 0, 0};
    const int columns = grid.width(kWidth), rows = grid.height(kHeight);
    std::vector<uint8_t> chroma, pixels, pairs(size_t{2} * kWidth);
    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < columns; ++x)
            for (const int value : {120 + (x + y / 2) % 60, 165 - (x / 2 + y) % 50})
                chroma.push_back(static_cast<uint8_t>(value));
    const PictureView view = {chroma.data(), columns, rows, 2, ptrdiff_t{columns} * 2};
    uint32_t noise = 1;
    for (int y = 0; y < kHeight; ++y) {
        codec::upsample_row(grid, view, kWidth, kHeight, y, pairs.data());
        for (int x = 0; x < kWidth; ++x) {
            noise = noise * 1664525 + 1013904223;
            const int luma = 90 + (3 * x + 2 * y) / 4 % 150 + static_cast<int>((noise >> 24) % 10);
            uint8_t triple[] = {static_cast<uint8_t>(luma), pairs[static_cast<size_t>(2 * x)],
                                pairs[static_cast<size_t>(2 * x + 1)]};
            codec::lattice_tables(colours).to_rgb(triple, triple);
            pixels.insert(pixels.end(), triple, triple + 3);
        }
    }
    return of_pixels(std::move(pixels));
}

std::vector<TestPicture> pictures() {
    Allocator allocator;
    return {
        make_picture(kWidth, kHeight, 3), make_picture(kWidth, kHeight, 1),
        of_pixels(codec::blocks_picture(kWidth, kHeight, 5, 3, codec::Upsampling::kTriangle22, allocator)),
        bright_picture(codec::PlaneColours::kJpeg, codec::Upsampling::kTriangle22),
        bright_picture(codec::PlaneColours::kPhotoCd, codec::Upsampling::kPhotoCd)};
}

class Determinism : public ::testing::TestWithParam<const char*> {
  protected:
    std::string encode(residua::context& context, TestPicture& picture) {
        residua::research::encode_options options;
        options.model = GetParam();
        options.effort = 1;
        const residua::buffer file = context.encode(picture.image(), options);
        return {reinterpret_cast<const char*>(file.data()), file.size()};
    }
    // Each as the first of a context with one thread.
    std::vector<std::string> files() {
        std::vector<std::string> files;
        for (TestPicture& picture : pictures_) {
            residua::context context = context_of_every_codec(on_threads(1));
            files.push_back(encode(context, picture));
        }
        return files;
    }

    // The colours that a decoder made are olm's business alone, and the networks take their time.
    std::vector<TestPicture> pictures_ =
        std::string(GetParam()) == "experts"
            ? pictures()
            : std::vector{make_picture(90, 70, 3), make_picture(90, 70, 1), make_picture(70, 90, 3)};
};
INSTANTIATE_TEST_SUITE_P(Codecs, Determinism, ::testing::Values("test", "scales", "experts"));

TEST_P(Determinism, NeitherThreadsNorWhatCameBeforeMatter) {
    const std::vector<std::string> expected = files();
    std::vector<size_t> order(pictures_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    for (const size_t threads : kThreads) {
        residua::context context = context_of_every_codec(on_threads(threads));
        for (const size_t i : order)
            EXPECT_TRUE(encode(context, pictures_[i]) == expected[i])
                << "picture " << i << " after " << order[0] << ", threads " << threads;
        std::ranges::reverse(order);
    }
}

}  // namespace
}  // namespace residua::testing
