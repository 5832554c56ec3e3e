#include "planes/jpeg_picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "jpeg/enc_dissect.h"
#include "tests/support/jpeg_file.h"

namespace residua::codec {
namespace {

using test::JpegPixels;
using test::JpegRecipe;
using test::JpegSampling;
using test::JpegSpace;

// A file that was read: main() of its dissection, which must be there.
struct Read {
    explicit Read(const std::vector<uint8_t>& bytes) : dissection(jpeg::dissect(bytes, allocator)) {
        if (const jpeg::JpegPart* main = dissection.main()) part = main;
    }
    Allocator allocator;
    jpeg::Dissection dissection;
    const jpeg::JpegPart* part = nullptr;
};

MutablePictureView view(JpegPixels& pixels, int top, int rows) {
    const ptrdiff_t stride = ptrdiff_t{pixels.width} * pixels.channels;
    return {pixels.samples.data() + top * stride, pixels.width, rows, pixels.channels, stride};
}

JpegPixels of_size(int width, int height, int channels) {
    JpegPixels pixels{width, height, channels, {}};
    pixels.samples.assign(static_cast<size_t>(width) * static_cast<size_t>(height * channels), 77);
    return pixels;
}

// Bands of `band` rows, each from just the rows of blocks that it asks for.
JpegPixels pixels_of(const Read& read, int band, Allocator& allocator) {
    const JpegRows rows(*read.part, allocator);
    JpegPixels pixels = of_size(rows.width(), rows.height(), rows.kind().channels());
    for (int top = 0; top < rows.height(); top += band) {
        const int count = std::min(band, rows.height() - top);
        std::vector<std::vector<int16_t>> kept;
        std::vector<ComponentBlocks> blocks;
        for (int k = 0; k < rows.components(); ++k) {
            const IndexRange range = rows.block_rows(k, top, top + count);
            const auto at = static_cast<size_t>(k);
            const jpeg::Component& c = read.part->frame.components[at];
            const auto begin = read.part->planes[at].data() + ptrdiff_t{64} * range.first * c.columns;
            kept.emplace_back(begin, begin + ptrdiff_t{64} * (range.end - range.first) * c.columns);
            blocks.push_back({kept.back().data(), range.first});
        }
        rows.write(blocks, 0, top, view(pixels, top, count));
    }
    return pixels;
}

// The first pixel that differs.
std::string difference(const JpegPixels& a, const JpegPixels& b) {
    std::ostringstream out;
    if (a.width != b.width || a.height != b.height || a.channels != b.channels) {
        out << "sizes " << a.width << 'x' << a.height << 'x' << a.channels << " and " << b.width << 'x'
            << b.height << 'x' << b.channels;
        return out.str();
    }
    const auto found = std::ranges::mismatch(a.samples, b.samples);
    const auto at = found.in1 - a.samples.begin(), row = ptrdiff_t{a.width} * a.channels;
    if (found.in1 != a.samples.end())
        out << "row " << at / row << ", column " << at % row / a.channels << ": " << int{*found.in1}
            << " and " << int{*found.in2};
    return out.str();
}

std::string name_of(const JpegRecipe& recipe) {
    std::ostringstream out;
    out << recipe.width << 'x' << recipe.height;
    for (const JpegSampling& s : recipe.sampling) out << ' ' << s.across << 'x' << s.down;
    return out.str();
}

void expect_equal(const std::vector<uint8_t>& bytes, const JpegRecipe& recipe) {
    SCOPED_TRACE(name_of(recipe));
    const Read read(bytes);
    ASSERT_TRUE(read.part);
    ASSERT_EQ(why_no_pixels(*read.part), "");
    const JpegPixels expected = test::decode_jpeg(bytes);
    Allocator allocator;
    EXPECT_EQ(difference(pixels_of(read, recipe.height, allocator), expected), "");
    EXPECT_EQ(difference(pixels_of(read, 1 + recipe.width % 7, allocator), expected), "") << "in bands";
}

void expect_equal(const JpegRecipe& recipe, uint32_t seed = 1) {
    expect_equal(test::make_jpeg(recipe, seed), recipe);
}

using Sampling = std::vector<JpegSampling>;
const std::vector<Sampling> kSamplings = {
    {{1, 1}, {1, 1}, {1, 1}}, {{2, 1}, {1, 1}, {1, 1}}, {{1, 2}, {1, 1}, {1, 1}}, {{2, 2}, {1, 1}, {1, 1}},
    {{4, 1}, {1, 1}, {1, 1}}, {{1, 4}, {1, 1}, {1, 1}}, {{4, 2}, {1, 1}, {1, 1}}, {{2, 4}, {1, 1}, {1, 1}},
    {{4, 4}, {1, 1}, {1, 1}}, {{3, 1}, {1, 1}, {1, 1}}, {{1, 3}, {1, 1}, {1, 1}}, {{3, 3}, {1, 3}, {3, 1}},
    {{2, 2}, {1, 2}, {1, 2}}, {{2, 2}, {2, 1}, {1, 2}}, {{2, 2}, {1, 2}, {2, 1}}, {{4, 2}, {2, 1}, {1, 2}},
    {{2, 4}, {1, 2}, {2, 1}}, {{4, 4}, {2, 2}, {4, 2}}, {{1, 1}, {2, 2}, {1, 1}}, {{1, 2}, {2, 1}, {2, 2}},
    {{2, 2}, {2, 2}, {2, 2}}, {{2, 1}, {2, 1}, {2, 1}}, {{4, 1}, {2, 1}, {1, 1}}, {{1, 4}, {1, 2}, {1, 1}},
};

bool fits_an_mcu(const Sampling& sampling) {
    int blocks = 0;
    for (const JpegSampling& s : sampling) blocks += s.across * s.down;
    return blocks <= jpeg::kMostBlocksOfMcu;
}

TEST(JpegPicture, EverySamplingAtEverySize) {
    for (const Sampling& sampling : kSamplings)
        for (int size = 1; size <= 40; ++size) {
            JpegRecipe recipe{.width = size, .height = (size * 11 + 3) % 41, .sampling = sampling};
            if (recipe.height == 0) recipe.height = 17;
            recipe.quality = 40 + size;
            recipe.separate_scans = !fits_an_mcu(sampling);
            expect_equal(recipe, static_cast<uint32_t>(size));
        }
}

TEST(JpegPicture, LargerPicturesScansAndRestarts) {
    for (const Sampling& sampling : kSamplings) {
        JpegRecipe recipe{.width = 201, .height = 147, .sampling = sampling, .quality = 90};
        recipe.restart_rows = 1;
        recipe.separate_scans = !fits_an_mcu(sampling);
        expect_equal(recipe);
        recipe.separate_scans = true;
        expect_equal(recipe);
        if (!fits_an_mcu(sampling)) continue;
        recipe.separate_scans = false;
        for (const bool arithmetic : {true, false}) {
            recipe.arithmetic = arithmetic;
            recipe.progressive = true;
            expect_equal(recipe);
            recipe.progressive = false;
            expect_equal(recipe);
        }
    }
}

// What libjpeg takes for RGB, YCbCr, CMYK or YCCK.
TEST(JpegPicture, Colours) {
    for (const int adobe : {-1, 0, 1, 2, 5}) {
        for (const bool jfif : {false, true})
            for (const std::vector<int>& ids :
                 {std::vector<int>{1, 2, 3}, {'R', 'G', 'B'}, {0, 1, 2}, {'r', 'g', 'b'}, {'R', 'G', 'A'}})
                for (const JpegSampling luma : {JpegSampling{1, 1}, {2, 2}}) {
                    JpegRecipe recipe{.width = 37, .height = 26, .sampling = {luma}};
                    recipe.jfif = jfif;
                    recipe.adobe_transform = adobe;
                    recipe.ids = ids;
                    expect_equal(recipe);
                }
        for (const JpegSpace space : {JpegSpace::kGrey, JpegSpace::kRgb, JpegSpace::kCmyk, JpegSpace::kYcck})
            for (const JpegSampling first : {JpegSampling{1, 1}, {2, 1}, {2, 2}}) {
                JpegRecipe recipe{.width = 37, .height = 26, .space = space, .sampling = {first}};
                if (space == JpegSpace::kYcck) recipe.sampling = {first, {}, {}, first};
                recipe.adobe_transform = adobe;
                expect_equal(recipe);
            }
    }
}

TEST(JpegPicture, KindsOfPictures) {
    const auto kind = [](JpegSpace space) {
        return jpeg_picture_kind(*Read(test::make_jpeg({.width = 9, .height = 9, .space = space}, 1)).part);
    };
    EXPECT_EQ(kind(JpegSpace::kGrey), (PictureKind{Colour::kGrey, false, 8}));
    EXPECT_EQ(kind(JpegSpace::kYcc), (PictureKind{Colour::kRgb, false, 8}));
    EXPECT_EQ(kind(JpegSpace::kRgb), (PictureKind{Colour::kRgb, false, 8}));
    EXPECT_EQ(kind(JpegSpace::kYcck), (PictureKind{Colour::kCmyk, false, 8}));
}

// Progressive files that end before everything is known.
TEST(JpegPicture, BlockSmoothing) {
    using Scans = std::vector<test::ProgressiveScan>;
    const std::vector<Scans> scripts = {
        {{0, 0, 0, 0, 0}},
        {{0, 0, 0, 0, 1}},
        {{0, 0, 0, 0, 0}, {0, 1, 5, 0, 2}},
        {{0, 0, 0, 0, 0}, {0, 1, 63, 0, 1}, {1, 1, 63, 0, 0}, {2, 1, 63, 0, 0}},
        {{0, 0, 0, 0, 0}, {1, 1, 2, 0, 0}, {2, 6, 9, 0, 3}},
        {{0, 0, 0, 0, 0}, {0, 6, 63, 0, 0}, {1, 10, 63, 0, 0}},
        {{0, 0, 0, 0, 0}, {0, 1, 63, 0, 0}, {1, 1, 63, 0, 0}, {2, 1, 63, 0, 0}},
    };
    for (const Scans& scans : scripts)
        for (const Sampling& sampling : {kSamplings[0], kSamplings[2], kSamplings[3], kSamplings[5]})
            for (const int size : {1, 8, 9, 16, 17, 24, 33, 47, 65, 100}) {
                JpegRecipe recipe{.width = size, .height = 1 + (size * 3 + 7) % 101, .sampling = sampling};
                recipe.progressive = true;
                recipe.scans = scans;
                recipe.quality = 85;
                recipe.arithmetic = size % 2 == 0;
                expect_equal(recipe, static_cast<uint32_t>(size));
            }
}

// Where the last scan breaks off, the decoder estimates from there on what it knew before it. The blocks at
// the break are none of this test: libjpeg keeps what it has read of them.
TEST(JpegPicture, ProgressiveFilesThatBreakOff) {
    for (const int down : {1, 2}) {
        JpegRecipe recipe{.width = 320, .height = 320, .space = JpegSpace::kYcc, .sampling = {{1, down}}};
        recipe.progressive = true;
        recipe.scans = {{0, 0, 0, 0, 0}, {0, 1, 5, 0, 0}, {1, 1, 5, 0, 0}, {0, 6, 63, 0, 0}};
        recipe.scans[1].low = 1;
        std::vector<uint8_t> bytes = test::make_jpeg(recipe, 1);
        bytes.resize(bytes.size() / 2 + 700);
        const Read read(bytes);
        ASSERT_TRUE(read.part);
        ASSERT_FALSE(read.part->whole());
        const jpeg::JpegPart::ScanPart& last = read.part->scans.back();
        const jpeg::McuGrid grid = mcu_grid(read.part->frame, last.scan);
        const int row = static_cast<int>(last.recipe.mcus / grid.columns);
        ASSERT_GT(row, 2);
        ASSERT_LT(row, static_cast<int>(grid.rows) - 4);
        Allocator allocator;
        JpegPixels ours = pixels_of(read, 64, allocator), theirs = test::decode_jpeg(bytes);
        const size_t line = 3 * static_cast<size_t>(recipe.width);
        const auto rows = [&](JpegPixels& pixels, int first, int end) {
            return std::span(pixels.samples)
                .subspan(static_cast<size_t>(first) * line, static_cast<size_t>(end - first) * line);
        };
        EXPECT_TRUE(std::ranges::equal(rows(ours, 0, 8 * row), rows(theirs, 0, 8 * row)));
        EXPECT_TRUE(std::ranges::equal(rows(ours, 8 * row + 8, 320), rows(theirs, 8 * row + 8, 320)));
    }
}

// A file whose last component has no scan.
TEST(JpegPicture, WhatLacksIsGrey) {
    JpegRecipe recipe{.width = 50, .height = 40, .sampling = {{2, 2}}};
    recipe.separate_scans = true;
    std::vector<uint8_t> bytes = test::make_jpeg(recipe, 1);
    const uint8_t scan[] = {0xFF, 0xDA};
    const auto last = std::find_end(bytes.begin(), bytes.end(), std::begin(scan), std::end(scan));
    bytes.erase(last, bytes.end() - 2);
    ASSERT_EQ(Read(bytes).part->scans.size(), 2U);
    expect_equal(bytes, recipe);
}

#if defined(__x86_64__)
TEST(JpegPicture, WildCoefficientsWrapAsOnX86) {
    for (const int steps : {1, 16, 64, 255, 4096, 65535})
        for (const int coefficients : {3, 100, 1023}) {
            JpegRecipe recipe{.width = 120, .height = 90, .sampling = {{2, 1}}};
            recipe.wild_coefficients = coefficients;
            recipe.wild_steps = steps;
            expect_equal(recipe, static_cast<uint32_t>(steps + coefficients));
        }
}
#endif

TEST(JpegPicture, PartsOfRows) {
    std::mt19937 random(1);
    for (const Sampling& sampling : kSamplings) {
        JpegRecipe recipe{.width = 133, .height = 75, .sampling = sampling};
        recipe.separate_scans = !fits_an_mcu(sampling);
        const std::vector<uint8_t> bytes = test::make_jpeg(recipe, 1);
        const Read read(bytes);
        const JpegPixels whole = test::decode_jpeg(bytes);
        Allocator allocator;
        const JpegRows rows(*read.part, allocator);
        for (int i = 0; i < 40; ++i) {
            const int left = static_cast<int>(random() % 133), top = static_cast<int>(random() % 75);
            JpegPixels part = of_size(1 + static_cast<int>(random() % static_cast<unsigned>(133 - left)),
                                      1 + static_cast<int>(random() % static_cast<unsigned>(75 - top)), 3);
            rows.write(all_blocks(*read.part), left, top, view(part, 0, part.height));
            JpegPixels expected = of_size(part.width, part.height, 3);
            for (int y = 0; y < part.height; ++y)
                std::copy_n(whole.samples.begin() + 3 * ((top + y) * 133 + left), 3 * part.width,
                            expected.samples.begin() + 3 * y * part.width);
            ASSERT_EQ(difference(part, expected), "") << name_of(recipe) << " from " << left << ", " << top;
        }
    }
}

TEST(JpegPicture, SeveralThreadsAtOnce) {
    const JpegRecipe recipe{.width = 300, .height = 500, .sampling = {{2, 2}}};
    const std::vector<uint8_t> bytes = test::make_jpeg(recipe, 1);
    const Read read(bytes);
    Allocator allocator;
    const JpegRows rows(*read.part, allocator);
    JpegPixels pixels = of_size(300, 500, 3);
    ThreadPool threads(4);
    threads.parallel_for(25, [&](int64_t i, int) {
        rows.write(all_blocks(*read.part), 0, static_cast<int>(20 * i),
                   view(pixels, static_cast<int>(20 * i), 20));
    });
    EXPECT_EQ(difference(pixels, test::decode_jpeg(bytes)), "");
}

TEST(JpegPicture, MemoryDoesNotGrowWithTheHeight) {
    uint64_t peaks[2];
    for (const int i : {0, 1}) {
        const JpegRecipe recipe{.width = 64, .height = i == 0 ? 64 : 6400, .sampling = {{2, 2}}};
        const Read read(test::make_jpeg(recipe, 1));
        Allocator allocator;
        pixels_of(read, recipe.height, allocator);
        peaks[i] = allocator.peak();
    }
    EXPECT_EQ(peaks[0], peaks[1]);
    EXPECT_LT(peaks[0], 64U * 100);
}

// libjpeg's 1/8 of files whose components have as many samples.
TEST(JpegPicture, PreviewEqualsLibjpegsEighth) {
    for (const JpegSpace space : {JpegSpace::kGrey, JpegSpace::kYcc, JpegSpace::kRgb, JpegSpace::kYcck})
        for (const int width : {1, 8, 9, 100, 255}) {
            const JpegRecipe recipe{.width = width, .height = 1 + width * 2 / 3, .space = space};
            const std::vector<uint8_t> bytes = test::make_jpeg(recipe, 1);
            const Read read(bytes);
            Allocator allocator;
            const JpegRows rows(*read.part, allocator);
            JpegPixels preview = of_size(rows.preview_width(), rows.preview_height(), rows.kind().channels());
            for (int y = 0; y < preview.height; ++y)
                rows.write_preview(all_blocks(*read.part), y, view(preview, y, 1));
            EXPECT_EQ(difference(preview, test::decode_jpeg(bytes, 8)), "") << name_of(recipe);
        }
}

// From DCs alone, each one of which stands for all that its samples are.
TEST(JpegPicture, PreviewRepeatsChroma) {
    for (const Sampling& sampling : kSamplings) {
        JpegRecipe recipe{.width = 77, .height = 99, .sampling = sampling};
        recipe.separate_scans = !fits_an_mcu(sampling);
        const Read read(test::make_jpeg(recipe, 1));
        Allocator allocator;
        const JpegRows rows(*read.part, allocator);
        std::vector<std::vector<int16_t>> means;
        JpegPixels preview = of_size(10, 13, 3);
        for (int y = 0; y < 13; ++y) {
            std::vector<ComponentBlocks> blocks;
            for (int k = 0; k < 3; ++k) {
                const IndexRange range = rows.preview_block_rows(k, y, y + 1);
                ASSERT_EQ(range.end, range.first + 1);
                const auto& c = read.part->frame.components[static_cast<size_t>(k)];
                const Buffer<int16_t>& plane = read.part->planes[static_cast<size_t>(k)];
                means.emplace_back();
                for (int column = 0; column < c.columns; ++column)
                    means.back().push_back(
                        plane[static_cast<size_t>(64 * (range.first * c.columns + column))]);
                blocks.push_back({means.back().data(), range.first, 1});
            }
            rows.write_preview(blocks, y, view(preview, y, 1));
        }
        for (int y = 0; y < 13; ++y)
            for (int x = 0; x < 10; ++x) {
                double value[3];
                for (size_t k = 0; k < 3; ++k) {
                    const jpeg::Frame& frame = read.part->frame;
                    const jpeg::Component& c = frame.components[k];
                    const int row = y * c.down / frame.most_down, column = x * c.across / frame.most_across;
                    value[k] = std::clamp(
                        128 + read.part->planes[k][static_cast<size_t>(64 * (row * c.columns + column))] *
                                  c.steps[0] / 8.0,
                        0.0, 255.0);
                }
                const double blue = std::clamp(value[0] + 1.772 * (value[1] - 128), 0.0, 255.0);
                const double red = std::clamp(value[0] + 1.402 * (value[2] - 128), 0.0, 255.0);
                const uint8_t* pixel = preview.samples.data() + 3 * (10 * y + x);
                ASSERT_NEAR(pixel[0], red, 2) << name_of(recipe) << " at " << x << ", " << y;
                ASSERT_NEAR(pixel[2], blue, 2) << name_of(recipe) << " at " << x << ", " << y;
            }
    }
}

TEST(JpegPicture, SaysWhyThereAreNoPixels) {
    const Read read(test::make_jpeg({.width = 9, .height = 9}, 1));
    const auto why = [&](const auto& change) {
        jpeg::JpegPart part;
        part.frame = read.part->frame;
        for (const jpeg::JpegPart::ScanPart& of : read.part->scans)
            part.scans.push_back({of.start, of.scan, of.recipe, nullptr});
        change(part);
        EXPECT_EQ(jpeg_picture_kind(part).has_value(), why_no_pixels(part).empty());
        return why_no_pixels(part);
    };
    const auto says = [](const std::string& sentence, const char* words) {
        return sentence.find(words) != std::string::npos;
    };
    EXPECT_EQ(why([](jpeg::JpegPart&) {}), "");
    EXPECT_TRUE(says(why([](jpeg::JpegPart& part) { part.frame.precision = 12; }), "12 bits"));
    EXPECT_TRUE(says(why([](jpeg::JpegPart& part) { part.frame.components.pop_back(); }), "2 components"));
    EXPECT_TRUE(says(why([](jpeg::JpegPart& part) {
                         part.frame.most_across = part.frame.components[0].across = 3;
                         part.frame.components[1].across = 2;
                     }),
                     "multiples"));
    EXPECT_TRUE(says(why([](jpeg::JpegPart& part) { part.frame.components[2].steps.fill(0); }),
                     "quantisation table"));
    EXPECT_TRUE(says(why([](jpeg::JpegPart& part) { part.scans.clear(); }), "no picture"));
}

}  // namespace
}  // namespace residua::codec
