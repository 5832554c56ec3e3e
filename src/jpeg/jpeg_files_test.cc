// Files that libjpeg writes: all of their scans come back from coefficients.
#include <gtest/gtest.h>

#include <string>

#include "jpeg/test_dissection.h"
#include "tests/support/jpeg_file.h"

namespace residua::jpeg {
namespace {

using test::JpegRecipe;
using test::JpegSampling;
using test::JpegSpace;
using test::make_jpeg;
using test::ProgressiveScan;

void expect_whole(const JpegRecipe& recipe, uint32_t seed) {
    const Bytes file = make_jpeg(recipe, seed);
    const Scans scans(file);
    SCOPED_TRACE(testing::Message() << recipe.width << " x " << recipe.height << ", " << scans.ranges.size()
                                    << " scans, seed " << seed);
    ASSERT_GT(scans.bytes(), 0u);
    const Taken taken(file);
    EXPECT_TRUE(taken.same);
    EXPECT_EQ(taken.coded, scans.bytes());
    ASSERT_EQ(taken.kept.jpegs.size(), 1u);
    EXPECT_TRUE(taken.kept.jpegs[0].whole());
    ASSERT_EQ(taken.kept.jpegs[0].scans.size(), scans.ranges.size());
    // libjpeg does all by the shortest way, which takes few bytes to say.
    EXPECT_LE(taken.structure.size(), 5 + 8 * scans.ranges.size());
}

// Sequential in all ways, progressive and arithmetic-coded, with and without restart markers.
void expect_all_ways(JpegRecipe recipe, uint32_t seed) {
    for (const int restart_mcus : {0, 1, 3, 20})
        for (int way = 0; way < 7; ++way) {
            recipe.restart_mcus = restart_mcus;
            recipe.optimised = way == 1;
            recipe.separate_scans = way == 2 || way == 5;
            recipe.progressive = way == 3 || way == 6;
            recipe.arithmetic = way > 3;
            SCOPED_TRACE(testing::Message() << "way " << way << ", restarts " << restart_mcus);
            expect_whole(recipe, seed++);
        }
}

TEST(JpegFiles, AllSamplings) {
    const std::vector<std::vector<JpegSampling>> samplings = {
        {},
        {{2, 1}},
        {{1, 2}},
        {{2, 2}},
        {{4, 1}},
        {{1, 4}},
        {{4, 2}},
        {{2, 4}},
        {{2, 2}, {2, 1}, {1, 2}},
        {{3, 1}, {1, 1}, {1, 1}},
        {{1, 1}, {2, 2}, {1, 1}},
        {{2, 1}, {2, 1}, {2, 1}},
    };
    for (size_t i = 0; i < samplings.size(); ++i) {
        SCOPED_TRACE(testing::Message() << "sampling " << i);
        expect_all_ways({.width = 75, .height = 53, .sampling = samplings[i]}, static_cast<uint32_t>(i));
    }
}

TEST(JpegFiles, AllSpaces) {
    for (const JpegSpace space :
         {JpegSpace::kGrey, JpegSpace::kYcc, JpegSpace::kRgb, JpegSpace::kCmyk, JpegSpace::kYcck})
        expect_all_ways({.width = 41, .height = 30, .space = space, .quality = 90}, 7);
    // Sampling factors of a grey picture mean nothing to a scan of it alone.
    expect_all_ways({.width = 41, .height = 30, .space = JpegSpace::kGrey, .sampling = {{2, 2}}}, 7);
}

TEST(JpegFiles, OddSizes) {
    uint32_t seed = 1;
    for (const int width : {1, 7, 8, 9, 16, 17, 33})
        for (const int height : {1, 8, 15, 16, 17})
            for (const bool progressive : {false, true}) {
                expect_whole({.width = width,
                              .height = height,
                              .sampling = {{2, 2}},
                              .restart_rows = height % 2,
                              .progressive = progressive},
                             ++seed);
                expect_whole(
                    {.width = width, .height = height, .space = JpegSpace::kGrey, .progressive = progressive},
                    ++seed);
            }
}

TEST(JpegFiles, AllQualities) {
    for (const int quality : {1, 20, 50, 95, 100})
        expect_all_ways({.width = 64, .height = 48, .sampling = {{2, 2}}, .quality = quality}, 3);
}

TEST(JpegFiles, ProgressiveScansOfManyKinds) {
    const std::vector<std::vector<ProgressiveScan>> scripts = {
        // Spectral selection alone.
        {{0, 0, 0}, {0, 1, 1}, {0, 2, 20}, {0, 21, 63}, {1, 1, 63}, {2, 1, 63}},
        // Bits one by one, from the highest that there are.
        {{0, 0, 0, 0, 3},
         {0, 0, 0, 3, 2},
         {0, 1, 63, 0, 3},
         {0, 1, 63, 3, 2},
         {0, 0, 0, 2, 1},
         {1, 1, 63, 0, 2},
         {2, 1, 63, 0, 2},
         {0, 1, 63, 2, 1},
         {0, 0, 0, 1, 0},
         {1, 1, 63, 2, 1},
         {2, 1, 63, 2, 1},
         {0, 1, 63, 1, 0},
         {1, 1, 63, 1, 0},
         {2, 1, 63, 1, 0}},
        // Bands that are refined one by one.
        {{0, 0, 0, 0, 1},
         {0, 1, 5, 0, 2},
         {0, 6, 63, 0, 2},
         {0, 1, 5, 2, 1},
         {0, 6, 63, 2, 1},
         {0, 1, 5, 1, 0},
         {0, 6, 63, 1, 0},
         {0, 0, 0, 1, 0},
         {1, 1, 63},
         {2, 1, 63}},
        // Scans that never come.
        {{0, 0, 0, 0, 1}, {0, 1, 5, 0, 2}},
    };
    for (const auto& script : scripts)
        for (const int restart_mcus : {0, 5}) {
            JpegRecipe recipe{.width = 100, .height = 60, .sampling = {{2, 2}}, .quality = 92};
            recipe.scans = script;
            recipe.restart_mcus = restart_mcus;
            recipe.progressive = true;
            expect_whole(recipe, 5);
        }
}

TEST(JpegFiles, WildCoefficients) {
    uint32_t seed = 1;
    for (const int most : {1, 2, 7, 100, 1023}) {
        JpegRecipe recipe{.width = 60, .height = 60, .sampling = {{2, 1}}};
        recipe.wild_coefficients = most;
        recipe.wild_steps = 255;
        recipe.optimised = true;
        expect_whole(recipe, ++seed);
        recipe.progressive = true;
        expect_whole(recipe, ++seed);
        recipe.restart_mcus = 4;
        expect_whole(recipe, ++seed);
    }
}

TEST(JpegFiles, RunsThatEndForTheirCorrections) {
    // Blocks that have nothing but corrections of nearly all coefficients: libjpeg ends a run in time.
    JpegRecipe recipe{.width = 512, .height = 128, .space = JpegSpace::kGrey};
    recipe.wild_coefficients = 1000;
    recipe.wild_steps = 1;
    recipe.progressive = true;
    recipe.scans = {{0, 0, 0}, {0, 1, 63, 0, 1}, {0, 1, 63, 1, 0}};
    const Taken taken(make_jpeg(recipe, 2));
    EXPECT_TRUE(taken.same);
    ASSERT_EQ(taken.kept.jpegs.at(0).scans.size(), 3u);
    EXPECT_TRUE(taken.recipe(2).few_corrections);
    EXPECT_TRUE(taken.recipe(2).run_starts.empty());
}

TEST(JpegFiles, LongRuns) {
    // More blocks without anything than one run may have.
    JpegRecipe recipe{.width = 2048, .height = 1544, .space = JpegSpace::kGrey, .quality = 1};
    recipe.progressive = true;
    recipe.scans = {{0, 0, 0}, {0, 63, 63}};
    expect_whole(recipe, 2);
}

TEST(JpegFiles, CoefficientsAreThoseOfTheBlocks) {
    const Bytes head = hand_made_head(0xC0, 2, 0);
    Bits bits;
    bits.code(3, 5, 3).code(0x02, 3, 2).code(0x21, 0, 1).code(0);  // DC 5; 3 at 1, −1 at 4 of the zigzag
    bits.code(2, 0, 2).code(0xF0).code(0x01, 1, 1).code(0).pad();  // DC 2; 1 at 17
    const Bytes file = joined({head, hand_made_scan(bits), end_of_image()});
    const Taken taken(file);
    EXPECT_TRUE(taken.same);
    const int16_t* blocks = taken.kept.jpegs.at(0).planes.at(0).data();
    std::vector<int> expected(128);
    expected[0] = 5, expected[1] = 3, expected[kZigzag[4]] = -1;
    expected[64] = 2, expected[64 + kZigzag[17]] = 1;
    EXPECT_EQ(std::vector<int>(blocks, blocks + 128), expected);
}

}  // namespace
}  // namespace residua::jpeg
