#include "jpeg/recipe.h"

#include <gtest/gtest.h>

#include <random>

namespace residua::jpeg {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kMcus = 1000;
constexpr uint32_t kInterval = 7;
constexpr ScanSize kSize = {kMcus, kInterval, false}, kArithmetic = {kMcus, kInterval, true};

Bytes written(const ScanRecipe& recipe, const ScanSize& size = kSize) {
    ByteWriter writer;
    write_recipe(writer, recipe, size);
    return writer.bytes;
}
ScanRecipe read(const Bytes& bytes, const ScanSize& size = kSize) {
    ByteReader reader(bytes, "test");
    ScanRecipe recipe = read_recipe(reader, size);
    EXPECT_TRUE(reader.at_end());
    return recipe;
}

void expect_same(const ScanRecipe& a, const ScanRecipe& b) {
    EXPECT_EQ(a.size, b.size);
    EXPECT_EQ(a.mcus, b.mcus);
    EXPECT_EQ(a.pad_with_ones, b.pad_with_ones);
    ASSERT_EQ(a.other_padding.size(), b.other_padding.size());
    for (size_t i = 0; i < a.other_padding.size(); ++i) {
        EXPECT_EQ(a.other_padding[i].place, b.other_padding[i].place);
        EXPECT_EQ(a.other_padding[i].bits, b.other_padding[i].bits);
    }
    EXPECT_EQ(a.restarts, b.restarts);
    EXPECT_EQ(a.surplus_zeros, b.surplus_zeros);
    ASSERT_EQ(a.surplus_bytes.size(), b.surplus_bytes.size());
    for (size_t i = 0; i < a.surplus_bytes.size(); ++i) {
        EXPECT_EQ(a.surplus_bytes[i].place, b.surplus_bytes[i].place);
        EXPECT_EQ(a.surplus_bytes[i].count, b.surplus_bytes[i].count);
    }
    EXPECT_EQ(a.surplus, b.surplus);
    EXPECT_EQ(a.most_run, b.most_run);
    EXPECT_EQ(a.few_corrections, b.few_corrections);
    EXPECT_EQ(a.run_starts, b.run_starts);
    EXPECT_EQ(a.run_beyond, b.run_beyond);
}

ScanRecipe ordinary() {
    ScanRecipe recipe;
    recipe.size = 12345;
    recipe.mcus = kMcus;
    recipe.restarts = restarts_due(kMcus, kInterval);
    return recipe;
}
ScanRecipe odd() {
    ScanRecipe recipe;
    recipe.size = 1;
    recipe.mcus = 500;
    recipe.pad_with_ones = false;
    recipe.other_padding = {{0, 3}, {1, 0}, {70, 255}};
    recipe.restarts = 60;
    recipe.surplus_zeros = {{0, 1, false}, {1, 4, true}, {300, 3, false}};
    recipe.surplus_bytes = {{0, 1}, {1, 3}, {59, 2}};
    recipe.surplus = {0xFF, 1, 2, 3, 0xFF, 0};
    recipe.most_run = 2;
    recipe.few_corrections = false;
    recipe.run_starts = {0, 1, 2, 77, uint64_t{1} << 40};
    recipe.run_beyond = 32767;
    return recipe;
}

TEST(JpegRecipe, ComesBack) {
    expect_same(read(written(ordinary())), ordinary());
    expect_same(read(written(odd())), odd());
    // Each field alone.
    for (int field = 0; field < 8; ++field) {
        ScanRecipe recipe = ordinary();
        if (field == 0) recipe.mcus = 1, recipe.restarts = 0;
        if (field == 1) recipe.pad_with_ones = false;
        if (field == 2) recipe.other_padding = odd().other_padding;
        if (field == 3) recipe.restarts = 1;
        if (field == 4) recipe.surplus_zeros = odd().surplus_zeros;
        if (field == 5) recipe.surplus_bytes = odd().surplus_bytes, recipe.surplus = odd().surplus;
        if (field == 6) recipe.run_beyond = 1;
        if (field == 7) recipe.run_starts = {5};
        const Bytes bytes = written(recipe);
        static constexpr int kFlags[] = {1, 2, 4, 8, 16, 128, 32, 64};
        EXPECT_EQ(bytes[2], kFlags[field]);
        expect_same(read(bytes), recipe);
    }
}

TEST(JpegRecipe, IsTheFormats) {
    EXPECT_EQ(written(ordinary()), (Bytes{0xB9, 0x60, 0}));
    EXPECT_EQ(written(odd()), (Bytes{1,    255,                                 //
                                     0xF4, 3,                                   // MCUs
                                     60,                                        // restarts
                                     3,    0,   3,    0,    0,  68,   255,      // padding
                                     3,    0,   2,    0,    9,  0xAA, 2,    6,  // zeros
                                     0,    2,   0xFF, 0xFF, 1,                  // runs
                                     5,    0,   0,    0,    74, 0xB2, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F,  // starts
                                     3,    0,   1,    0xFF, 0,  3,    1,    2,    3,  // whole bytes
                                     57,   2,   0xFF, 0}));
}

void expect_refused(const Bytes& bytes, const ScanSize& size = kSize) {
    ByteReader reader(bytes, "test");
    try {
        read_recipe(reader, size);
        ADD_FAILURE() << "was read";
    } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated);
    }
}

TEST(JpegRecipe, WhatIsBeyondLimitsIsRefused) {
    expect_refused({});
    expect_refused({5});
    expect_refused({5, 1, 0xE9, 7});  // more MCUs than there are
    expect_refused({5, 8, 0x8F, 1});  // more restart markers than are due
    expect_refused({5, 4, 0});        // lists of nothing
    expect_refused({5, 16, 0});
    expect_refused({5, 64, 0});
    expect_refused({5, 128, 0});
    expect_refused({5, 64, 200, 1, 1});  // of more than there is
    expect_refused({5, 16, 1, 0, 0});    // 0 or 5 codes for zeros
    expect_refused({5, 16, 1, 0, 10});
    expect_refused({5, 32, 2, 1, 0});              // neither 0 nor 1
    expect_refused({5, 32, 1, 0, 0});              // a run of no blocks
    expect_refused({5, 32, 1, 0x80, 0x80, 2, 0});  // 32768
    expect_refused({5, 32, 1, 1, 0x80, 0x80, 2});
    expect_refused({5, 128, 1, 0x8E, 1, 1, 9});  // a restart marker that is not there
    expect_refused({5, 128, 1, 0, 0});           // no bytes
    expect_refused({5, 128, 1, 0, 2, 9});        // fewer than it says
    // Numbers that grow beyond what they can be.
    Bytes far = {5, 64, 3};
    for (int i = 0; i < 3; ++i) {
        far.insert(far.end(), 8, 0xFF);
        far.push_back(0x7F);
    }
    expect_refused(far);
}

TEST(JpegRecipe, OfArithmeticCodedScans) {
    ScanRecipe recipe;
    recipe.size = 5;
    recipe.mcus = 500;
    recipe.restarts = 60;
    recipe.cuts = {{3, 0}, {59, 300}};
    recipe.surplus_bytes = {{59, 1}};
    recipe.surplus = {9};
    const Bytes bytes = written(recipe, kArithmetic);
    EXPECT_EQ(bytes, (Bytes{5, 141, 0xF4, 3, 60, 2, 3, 0, 55, 0xAC, 2, 1, 59, 1, 9}));
    const ScanRecipe again = read(bytes, kArithmetic);
    expect_same(again, recipe);
    ASSERT_EQ(again.cuts.size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(again.cuts[i].place, recipe.cuts[i].place);
        EXPECT_EQ(again.cuts[i].bytes, recipe.cuts[i].bytes);
    }
    EXPECT_EQ(written(again, kArithmetic), bytes);
    expect_refused({5, 4, 1, 0x8E, 1, 1}, kArithmetic);  // a restart marker that is not there
    for (const uint8_t flag : {2, 16, 32, 64})           // what Huffman codes have
        expect_refused({5, flag, 1, 0, 2, 0, 0}, kArithmetic);
}

TEST(JpegRecipe, DamagedOnesAreReadOrRefused) {
    std::mt19937 random(1);
    const Bytes whole = written(odd());
    for (int trial = 0; trial < 20000; ++trial) {
        Bytes bytes = whole;
        for (unsigned i = 0; i <= random() % 3; ++i)
            bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
        bytes.resize(random() % 4 ? bytes.size() : random() % bytes.size());
        ByteReader reader(bytes, "test");
        try {
            const ScanRecipe recipe = read_recipe(reader, kSize);
            EXPECT_LE(recipe.mcus, kMcus);
            EXPECT_LE(recipe.restarts, restarts_due(recipe.mcus, kInterval));
            // What was read can be written and read again.
            expect_same(read(written(recipe)), recipe);
        } catch (const Error& error) {
            EXPECT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated)
                << error.what();
        }
    }
}

}  // namespace
}  // namespace residua::jpeg
