#include "network/precision.h"

#include <gtest/gtest.h>

namespace residua::train {
namespace {

TEST(Precision, Bfloat16OnlyWhereItIsFaster) {
    EXPECT_EQ(faster({0.75, 1.2}), Precision::kFloat32);
    EXPECT_EQ(faster({1, 1}), Precision::kFloat32);
    EXPECT_EQ(faster({1, 0.6}), Precision::kBfloat16);
}

TEST(Precision, WhatIsSaidOrRecordedNeedsNoMeasuring) {
    const auto never = []() -> ConvolutionSeconds { throw std::logic_error("measured"); };
    const auto slow = [] { return ConvolutionSeconds{1, 2}; };
    for (const Precision said : {Precision::kFloat32, Precision::kBfloat16}) {
        EXPECT_EQ(settled(said, std::nullopt, true, never), said);
        EXPECT_EQ(settled(said, Precision::kMeasured, true, never), said);
        EXPECT_EQ(settled(Precision::kMeasured, said, true, never), said);
    }
    // Runs from before this was recorded were in bfloat16.
    EXPECT_EQ(settled(Precision::kMeasured, Precision::kMeasured, true, never), Precision::kBfloat16);
    EXPECT_EQ(settled(Precision::kMeasured, std::nullopt, false, never), Precision::kBfloat16);
    EXPECT_EQ(settled(Precision::kMeasured, std::nullopt, true, slow), Precision::kFloat32);
}

}  // namespace
}  // namespace residua::train
