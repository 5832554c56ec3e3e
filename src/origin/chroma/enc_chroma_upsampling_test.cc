#include "origin/chroma/enc_chroma_upsampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/test_session.h"

namespace residua::codec {
namespace {

constexpr int kAll[] = {1, 2, 3, 4};  // Upsampling

struct TestPicture {
    int width, height;
    std::vector<uint8_t> rgb, triples;

    PictureView view(const std::vector<uint8_t>& samples) const {
        return {samples.data(), width, height, 3, 3 * static_cast<ptrdiff_t>(width)};
    }
    std::optional<ChromaSolution> solve(std::span<const Upsampling> allowed, int threads = 1) const {
        work_.push_back(std::make_unique<TestSession>(threads));
        return find_chroma_samples(view(rgb), view(triples), allowed, {}, work_.back()->session);
    }

  private:
    static inline std::vector<std::unique_ptr<TestSession>> work_;  // outlives the solutions
};

// Smooth planes with some noise, upsampled. RGB only says which pixels are certain: `clamped` per cent are
// not, and their chroma is wrong.
TestPicture made_by(const ChromaGrid& grid, int width, int height, int noise, int clamped, unsigned seed) {
    std::mt19937 random(seed);
    const int columns = grid.width(width), rows = grid.height(height);
    std::vector<uint8_t> chroma;
    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < columns; ++x)
            for (int c = 0; c < 2; ++c)
                chroma.push_back(static_cast<uint8_t>(
                    std::lround(128 + 60 * std::sin(0.11 * x + c) * std::cos(0.07 * y + 2 * c)) +
                    static_cast<int>(random() % static_cast<unsigned>(noise + 1))));
    TestPicture picture = {width, height, {}, {}};
    std::vector<uint8_t> row(static_cast<size_t>(2 * width));
    for (int y = 0; y < height; ++y) {
        upsample_row(grid, {chroma.data(), columns, rows, 2, 2 * columns}, width, height, y, row.data());
        for (size_t x = 0; x < static_cast<size_t>(width); ++x) {
            const bool known = static_cast<int>(random() % 100) >= clamped;
            const auto off = static_cast<uint8_t>(known ? 0 : 3);
            picture.rgb.insert(picture.rgb.end(), {100, static_cast<uint8_t>(known ? 100 : 255), 100});
            picture.triples.insert(picture.triples.end(), {100, static_cast<uint8_t>(row[2 * x] + off),
                                                           static_cast<uint8_t>(row[2 * x + 1] - off)});
        }
    }
    return picture;
}

// Of the certain pixels, those that do not come out.
int wrong_pixels(const TestPicture& picture, const ChromaSolution& solution) {
    std::vector<uint8_t> row(static_cast<size_t>(2 * picture.width));
    int wrong = 0;
    for (int y = 0; y < picture.height; ++y) {
        upsample_row(solution.grid, solution.samples.view(), picture.width, picture.height, y, row.data());
        for (int x = 0; x < picture.width; ++x) {
            const auto at = static_cast<size_t>(3 * (y * picture.width + x)), to = static_cast<size_t>(2 * x);
            if (picture.rgb[at + 1] == 255) continue;
            wrong += picture.triples[at + 1] != row[to] || picture.triples[at + 2] != row[to + 1];
        }
    }
    return wrong;
}

template <typename Body>
void for_grids(const Body& body) {
    for (const int upsampling : kAll)
        for (int i = 0; i < 4; ++i)
            if (const ChromaGrid grid = {static_cast<Upsampling>(upsampling), i % 2, i / 2}; grid.is_valid())
                body(grid, std::array{grid.upsampling});
}

std::string name(const ChromaGrid& grid) {
    return std::to_string(static_cast<int>(grid.upsampling)) + ", offset " + std::to_string(grid.offset_x) +
           ' ' + std::to_string(grid.offset_y);
}

TEST(EncChromaUpsampling, SmoothPlanesComeBack) {
    for_grids([](const ChromaGrid& grid, const auto& allowed) {
        for (const int clamped : {0, 5}) {
            for (const int noise : {0, 2}) {
                const TestPicture picture = made_by(grid, 201, 140, noise, clamped, 1);
                const auto solution = picture.solve(allowed);
                ASSERT_TRUE(solution) << name(grid);
                EXPECT_EQ(solution->grid, grid) << name(solution->grid);
                EXPECT_EQ(solution->samples.width, grid.width(201));
                EXPECT_EQ(solution->samples.height, grid.height(140));
                // The search may get stuck where pixels are missing, or a triangle has two dimensions.
                const bool exact = grid.upsampling == Upsampling::kPhotoCd ||
                                   (clamped == 0 && grid.upsampling != Upsampling::kTriangle22);
                EXPECT_LE(wrong_pixels(picture, *solution), exact ? 0 : 60)
                    << name(grid) << ", noise " << noise << ", clamped " << clamped;
                EXPECT_EQ(std::lround(solution->wrong * 201 * 140) == 0,
                          wrong_pixels(picture, *solution) == 0);
            }
        }
    });
}

TEST(EncChromaUpsampling, TheFilterIsFoundAmongThoseOfJpeg) {
    for_grids([](const ChromaGrid& grid, const auto&) {
        if (grid.upsampling == Upsampling::kPhotoCd) return;
        const auto solution = made_by(grid, 200, 150, 6, 1, 2).solve(kJpegUpsamplings);
        ASSERT_TRUE(solution) << name(grid);
        EXPECT_EQ(solution->grid, grid) << name(solution->grid);
        EXPECT_LT(solution->wrong, 0.003) << name(grid);
    });
}

TEST(EncChromaUpsampling, TinyPictures) {
    for_grids([](const ChromaGrid& grid, const auto& allowed) {
        for (int width = 1; width <= 5; ++width) {
            for (int height = 1; height <= 5; ++height) {
                const TestPicture picture = made_by(grid, width, height, 2, 0, 3);
                const auto solution = picture.solve(allowed);
                ASSERT_TRUE(solution) << name(grid) << ' ' << width << 'x' << height;
                EXPECT_EQ(wrong_pixels(picture, *solution), 0) << name(grid) << ' ' << width << 'x' << height;
            }
        }
    });
}

TEST(EncChromaUpsampling, OtherPicturesAreRefused) {
    std::mt19937 random(4);
    for (const int noise : {256, 7}) {
        TestPicture picture = made_by({}, 150, 130, 0, 0, 5);
        for (uint8_t& value : picture.triples)
            value = static_cast<uint8_t>(value + random() % static_cast<unsigned>(noise));
        EXPECT_FALSE(picture.solve(kJpegUpsamplings));
        EXPECT_FALSE(picture.solve(kPhotoCdUpsamplings));
    }
}

TEST(EncChromaUpsampling, AFewWrongPixelsAreCounted) {
    TestPicture picture = made_by({Upsampling::kTriangle22, 1, 0}, 200, 150, 2, 0, 6);
    for (size_t i = 0; i < 30000; i += 1009) picture.triples[3 * i + 1] ^= 4;
    const auto solution = picture.solve(kJpegUpsamplings);
    ASSERT_TRUE(solution);
    EXPECT_EQ(solution->grid, (ChromaGrid{Upsampling::kTriangle22, 1, 0}));
    EXPECT_NEAR(solution->wrong, 30.0 / 30000, 15.0 / 30000);
    EXPECT_EQ(std::lround(solution->wrong * 30000), wrong_pixels(picture, *solution));
    for (size_t i = 0; i < 30000; i += 31) picture.triples[3 * i + 1] ^= 4;
    EXPECT_FALSE(picture.solve(kJpegUpsamplings));
}

TEST(EncChromaUpsampling, ThreadsDoNotMatter) {
    const TestPicture picture = made_by({Upsampling::kTriangle22, 0, 1}, 230, 300, 12, 3, 7);
    const auto one = picture.solve(kJpegUpsamplings, 1);
    ASSERT_TRUE(one);
    for (const int threads : {2, 5}) {
        const auto more = picture.solve(kJpegUpsamplings, threads);
        ASSERT_TRUE(more);
        EXPECT_EQ(one->grid, more->grid);
        EXPECT_EQ(one->wrong, more->wrong);
        EXPECT_TRUE(std::ranges::equal(one->samples.samples.span(), more->samples.samples.span()));
    }
}

}  // namespace
}  // namespace residua::codec
